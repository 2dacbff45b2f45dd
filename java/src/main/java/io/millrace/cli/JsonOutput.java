// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Messages of the admin API as JSON: field names as in {@code admin.proto}, every field present,
 * all integers as numbers.
 */
final class JsonOutput implements AutoCloseable {
  private final JsonGenerator json;

  JsonOutput(OutputStream out) throws IOException {
    json =
        new JsonFactory()
            .createGenerator(out)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .setPrettyPrinter(new DefaultPrettyPrinter());
  }

  JsonGenerator generator() {
    return json;
  }

  static void print(Message message, OutputStream out) throws IOException {
    try (JsonOutput json = new JsonOutput(out)) {
      json.message(message);
    }
  }

  /** Without line breaks in it. */
  static void printLine(Message message, OutputStream out) throws IOException {
    try (JsonOutput json = new JsonOutput(out)) {
      json.json.setPrettyPrinter(new MinimalPrettyPrinter());
      json.message(message);
    }
  }

  void message(Message message) throws IOException {
    json.writeStartObject();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      json.writeFieldName(field.getName());
      if (field.isRepeated()) {
        json.writeStartArray();
        for (Object element : (List<?>) message.getField(field)) {
          value(element);
        }
        json.writeEndArray();
      } else {
        value(message.getField(field));
      }
    }
    json.writeEndObject();
  }

  /** Opens an object with one list in it. */
  void startList(String name) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart(name);
  }

  /** Ends the list and the object around it. */
  void endList() throws IOException {
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Ends the list, adds {@code "name": value}, and ends the object around it. */
  void endList(String name, boolean value) throws IOException {
    json.writeEndArray();
    json.writeBooleanField(name, value);
    json.writeEndObject();
  }

  private void value(Object value) throws IOException {
    if (value instanceof Message message) {
      message(message);
    } else if (value instanceof EnumValueDescriptor constant) {
      json.writeString(constant.getName());
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else if (value instanceof Number number) {
      json.writeNumber(number.longValue());
    } else {
      json.writeString(String.valueOf(value));
    }
  }

  @Override
  public void close() throws IOException {
    json.writeRaw('\n');
    json.close();
  }
}
