// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.model.ObjectKey;
import io.millrace.model.SliceState;
import io.millrace.source.object.ObjectReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ItemParserTest {
  private final List<ObjectReader.Result> read = new ArrayList<>();
  private final ItemParser services = new ItemParser(ObjectKey.Kind.SERVICE);

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static InputStream resource(String name) {
    InputStream in = ItemParserTest.class.getResourceAsStream("/api/" + name + ".json");
    if (in == null) {
      throw new IllegalArgumentException(name);
    }
    return in;
  }

  @Test
  void aPageGivesItsObjectsOneByOne() throws IOException {
    ItemParser.Page page =
        services.page(
            stream(ApiObjects.list(9, "t", List.of(ApiObjects.service("a", 1, "10.0.0.1")))),
            read::add);
    assertThat(page).isEqualTo(new ItemParser.Page("9", "t"));
    assertThat(read).singleElement().isInstanceOf(ObjectReader.Good.class);
  }

  @Test
  void aListOfNothingMayBeNull() throws IOException {
    String body = "{\"items\":null,\"metadata\":{\"resourceVersion\":\"3\"}}";
    assertThat(services.page(stream(body), read::add)).isEqualTo(new ItemParser.Page("3", ""));
    assertThat(read).isEmpty();
  }

  @Test
  void moreAfterTheListIsAnError() {
    String body = ApiObjects.list(9, "", List.of());
    assertThatThrownBy(() -> services.page(stream(body + "{"), read::add))
        .isInstanceOf(IOException.class);
  }

  /** The next event may come in five minutes: this one must not wait for it. */
  @Test
  void anEventIsTakenWhenItsBraceHasCome() throws IOException {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("reads on after the end of the event");
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            return read();
          }
        };
    String event = "{\"type\":\"ADDED\",\"object\":" + ApiObjects.service("ä", 8, "10.0.0.1") + "}";
    ItemParser.Events events = services.events(new SequenceInputStream(stream(event), endless));
    List<ItemParser.Event> taken = new ArrayList<>();
    assertThat(events.next(taken::add)).isTrue();
    assertThat(taken.get(0).version()).isEqualTo("8");
    assertThat(taken.get(0).object().path("metadata").path("name").asText()).isEqualTo("ä");
  }

  @Test
  void theTypeMayComeAfterTheObject() throws IOException {
    String event = "{\"object\":" + ApiObjects.service("a", 8, "10.0.0.1") + ",\"type\":\"X\"}";
    List<ItemParser.Event> taken = new ArrayList<>();
    assertThat(services.events(stream(event)).next(taken::add)).isTrue();
    assertThat(taken).extracting(ItemParser.Event::type).containsExactly("X");
  }

  @Test
  void anObjectWithoutAnEndDoesNotFillTheHeap() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return '[';
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            byte[] token = ("\"" + "x".repeat(99) + "\",").getBytes(StandardCharsets.UTF_8);
            int taken = 0;
            while (taken + token.length <= length) {
              System.arraycopy(token, 0, target, offset + taken, token.length);
              taken += token.length;
            }
            return taken;
          }
        };
    String start = "{\"metadata\":{},\"items\":[{\"spec\":{\"ports\":[";
    assertThatThrownBy(
            () -> services.page(new SequenceInputStream(stream(start), endless), read::add))
        .isInstanceOf(IOException.class)
        .hasMessage("an object of more than 8 MiB");
  }

  /** What is left out on the way must be nothing that the readers look at. */
  @ParameterizedTest
  @EnumSource(Resource.class)
  void trimmedObjectsSayTheSame(Resource resource) throws IOException {
    ObjectReader whole = new ObjectReader(ObjectReader.Mode.LENIENT);
    ObjectMapper mapper = new ObjectMapper();
    JsonNode full = mapper.readTree(resource(resource.title()));
    ItemParser parser = new ItemParser(resource.kind());
    String list =
        "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":["
            + mapper.writeValueAsString(full)
            + "]}";
    parser.page(stream(list), read::add);
    ObjectReader.Result expected = whole.read(resource.kind(), full);
    assertThat(expected).isInstanceOf(ObjectReader.Good.class);
    assertThat(read).containsExactly(expected);
  }

  @ParameterizedTest
  @EnumSource(Resource.class)
  void whatNobodyReadsIsNotKept(Resource resource) throws IOException {
    ItemParser parser = new ItemParser(resource.kind());
    String object = new String(resource(resource.title()).readAllBytes(), StandardCharsets.UTF_8);
    List<ItemParser.Event> taken = new ArrayList<>();
    String event = "{\"type\":\"ADDED\",\"object\":" + object + "}";
    assertThat(parser.events(stream(event)).next(taken::add)).isTrue();
    String kept = taken.get(0).object().toString();
    assertThat(object).contains("managedFields");
    assertThat(kept)
        .doesNotContain("managedFields", "ownerReferences", "targetRef", "images", "volumes");
    assertThat(kept.length()).isLessThan(object.length());
  }

  @Test
  void aBadEndpointOrPortIsLeftOutAndTheRestServes() { // S-023, S-024
    JsonNode slice =
        ItemParser.tree(
            """
            {"metadata":{"name":"web-1","namespace":"default"},"addressType":"IPv4",
             "ports":[{"name":"a","port":80},{"name":"b","port":0},{"name":"a","port":81}],
             "endpoints":[{"addresses":["10.0.0.1"]},{"addresses":["fd00::1"]},
                          {"addresses":["127.0.0.1"]},{"addresses":["010.0.0.2"]}]}""");
    ObjectReader.Result result = new ItemParser(ObjectKey.Kind.SLICE).result(slice);
    ObjectReader.Good good = (ObjectReader.Good) result;
    SliceState state = (SliceState) good.object();
    assertThat(state.endpoints())
        .extracting(endpoint -> endpoint.ip().toString())
        // S-011; the one of the other family is left to ServiceCompiler, who can say whose it is
        .containsExactly("10.0.0.1", "fd00::1", "10.0.0.2");
    assertThat(state.ports()).extracting(SliceState.Port::port).containsExactly(80);
    assertThat(good.leftOut())
        .extracting(ObjectReader.Fault::field)
        .containsExactly("ports[1].port", "ports[2].name", "endpoints[2].addresses[0]");
  }
}
