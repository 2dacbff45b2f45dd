// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads API objects into records of the model: v1 Service, Pod, Node and Namespace,
 * discovery.k8s.io/v1 EndpointSlice, networking.k8s.io/v1 NetworkPolicy. One per thread.
 */
public final class ObjectReader {
  private final Interner names = new Interner();
  private final Mode mode;

  public ObjectReader(Mode mode) {
    this.mode = mode;
  }

  /** What a part that is wrong does to its object. */
  public enum Mode {
    /** The object is invalid: a person has written it, and is told so. */
    STRICT,
    /**
     * An endpoint or a port of a slice, an except that has no effect is left out and the rest
     * counts (S-023, S-024, policy S13): the API server has taken it as it is.
     */
    LENIENT
  }

  /** What an object turned out to be. */
  public sealed interface Result permits Good, Invalid, Broken, Foreign, Nothing {}

  /**
   * One of ours.
   *
   * @param leftOut what is wrong with the parts that it is without; {@link Mode#LENIENT} only
   */
  public record Good(ClusterObject object, List<Fault> leftOut) implements Result {
    public Good {
      leftOut = List.copyOf(leftOut);
    }
  }

  /**
   * One of ours, and wrong.
   *
   * @param standIn what holds as long as no good version is known: nobody is left open whom a
   *     policy selects that cannot be read. Null: nothing does
   */
  public record Invalid(ObjectKey key, Fault fault, @Nullable ClusterObject standIn)
      implements Result {}

  /** It cannot even be told what it is. */
  public record Broken(Fault fault) implements Result {}

  /**
   * Of a kind that is none of ours.
   *
   * @param kind for example {@code apps/v1 Deployment}
   */
  public record Foreign(String kind) implements Result {}

  /** One of ours that says nothing: a slice of names (S-006), a Pod that has finished. */
  public record Nothing(ObjectKey key) implements Result {}

  /**
   * What is wrong.
   *
   * @param field for example {@code spec.ports[0].port}; empty for the whole
   */
  public record Fault(String field, String reason) {
    static Fault of(FieldException e) {
      return new Fault(e.path(), e.reason());
    }
  }

  /** Reads an object that says itself what it is. */
  public Result read(JsonNode object) {
    Field root = Field.root(object);
    try {
      String name = root.get("kind").requiredText();
      String version = root.get("apiVersion").requiredText();
      ObjectKey.Kind kind = kind(version + " " + name);
      return kind == null ? new Foreign(version + " " + name) : read(kind, root);
    } catch (FieldException e) {
      return new Broken(Fault.of(e));
    }
  }

  /** Reads an object of a known kind: elements of the API's lists do not say what they are. */
  public Result read(ObjectKey.Kind kind, JsonNode object) {
    return read(kind, Field.root(object));
  }

  private Result read(ObjectKey.Kind kind, Field root) {
    ObjectKey key;
    try {
      key = key(kind, root);
    } catch (FieldException e) {
      return new Broken(Fault.of(e));
    }
    try {
      LeftOut leftOut = new LeftOut(mode);
      ClusterObject object = read(kind, root, leftOut);
      return object == null ? new Nothing(key) : new Good(object, leftOut.faults());
    } catch (FieldException e) {
      boolean guards = kind == ObjectKey.Kind.POLICY;
      return new Invalid(key, Fault.of(e), guards ? PolicyReader.closed(root, names) : null);
    }
  }

  private static ObjectKey.@Nullable Kind kind(String versionAndName) {
    return switch (versionAndName) {
      case "v1 Service" -> ObjectKey.Kind.SERVICE;
      case "discovery.k8s.io/v1 EndpointSlice" -> ObjectKey.Kind.SLICE;
      case "v1 Pod" -> ObjectKey.Kind.POD;
      case "v1 Node" -> ObjectKey.Kind.NODE;
      case "v1 Namespace" -> ObjectKey.Kind.NAMESPACE;
      case "networking.k8s.io/v1 NetworkPolicy" -> ObjectKey.Kind.POLICY;
      default -> null;
    };
  }

  private ObjectKey key(ObjectKey.Kind kind, Field root) throws FieldException {
    boolean global = kind == ObjectKey.Kind.NODE || kind == ObjectKey.Kind.NAMESPACE;
    return new ObjectKey(kind, global ? "" : names.of(Meta.namespace(root)), Meta.name(root));
  }

  private @Nullable ClusterObject read(ObjectKey.Kind kind, Field root, LeftOut leftOut)
      throws FieldException {
    return switch (kind) {
      case SERVICE -> ServiceReader.read(root, names);
      case SLICE -> SliceReader.read(root, names, leftOut);
      case POD -> PodReader.read(root, names);
      case NODE -> OtherReaders.node(root);
      case NAMESPACE -> OtherReaders.namespace(root);
      case POLICY -> PolicyReader.read(root, names, leftOut);
      case HOST -> null;
    };
  }
}
