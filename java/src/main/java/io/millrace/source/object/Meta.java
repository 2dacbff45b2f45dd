// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** {@code metadata}. */
final class Meta {
  private static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";
  private static final String HEADLESS = "service.kubernetes.io/headless";

  private Meta() {}

  static String name(Field root) throws FieldException {
    return root.get("metadata").get("name").requiredText();
  }

  static String namespace(Field root) throws FieldException {
    String namespace = root.get("metadata").get("namespace").text("default");
    return namespace.isEmpty() ? "default" : namespace;
  }

  static Field labels(Field root) throws FieldException {
    return root.get("metadata").get("labels");
  }

  static Field annotations(Field root) throws FieldException {
    return root.get("metadata").get("annotations");
  }

  /** Labelled for another proxy (S-003) or as headless (S-004). */
  static boolean isOtherProxys(Field root) throws FieldException {
    Field labels = labels(root);
    return !labels.get(PROXY_NAME).isAbsent() || !labels.get(HEADLESS).isAbsent();
  }

  /** Somebody has asked to delete it; finalizers or a grace period keep it for now. */
  static boolean isDeleting(Field root) throws FieldException {
    return !root.get("metadata").get("deletionTimestamp").isAbsent();
  }

  /** 0 if it does not say. */
  static long createdEpochSecond(Field root) throws FieldException {
    return epochMs(root.get("metadata").get("creationTimestamp")) / 1000;
  }

  /** A time in milliseconds; 0 if it is not there. */
  static long epochMs(Field field) throws FieldException {
    String text = field.textOrNull();
    if (text == null) {
      return 0;
    }
    try {
      return OffsetDateTime.parse(text).toInstant().toEpochMilli();
    } catch (DateTimeParseException e) {
      throw field.error("\"" + text + "\" is not a time such as 2026-01-31T12:00:00Z");
    }
  }
}
