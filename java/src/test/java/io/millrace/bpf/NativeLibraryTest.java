// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.Flow4;
import io.millrace.bpf.abi.Svc4Key;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The library and the generated accessors; needs no privilege. */
final class NativeLibraryTest {
  @Test
  void theLibraryIsOfTheSameBuild() {
    NativeLibrary.load();
    NativeLibrary.load();
    assertThat(Native.abiHash()).isEqualTo(Abi.HASH);
  }

  @Test
  void aLibraryOfAnotherBuildIsRefused() {
    Path file = Path.of("/opt/libmillrace_jni.so");
    assertThatCode(() -> NativeLibrary.checkHash(file, Abi.HASH)).doesNotThrowAnyException();
    assertThatThrownBy(() -> NativeLibrary.checkHash(file, Abi.HASH + 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/opt/libmillrace_jni.so")
        .hasMessageContaining("one distribution");
  }

  @Test
  void portsAndAddressesArePlainNumbersInNetworkOrder() {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      ByteBuffer buf = ByteBuffer.allocate(2 + Svc4Key.SIZE).order(order);
      Svc4Key.addr(buf, 2, 0x0a000001);
      Svc4Key.port(buf, 2, 50_080);
      Svc4Key.proto(buf, 2, 17);
      assertThat(buf.array()).containsExactly(0, 0, 10, 0, 0, 1, 50_080 >> 8, (byte) 50_080, 17, 0);
      assertThat(Svc4Key.port(buf, 2)).isEqualTo(50_080);
      assertThat(Svc4Key.addr(buf, 2)).isEqualTo(0x0a000001);
    }
  }

  @Test
  void hostNumbersAreInHostOrder() {
    ByteBuffer buf = ByteBuffer.allocate(Flow4.SIZE).order(ByteOrder.BIG_ENDIAN);
    Flow4.svc(buf, 0, 0x01020304);
    assertThat(Flow4.svc(buf, 0)).isEqualTo(0x01020304);
    assertThat(buf.order(ByteOrder.nativeOrder()).getInt(Flow4.SVC_OFFSET)).isEqualTo(0x01020304);
  }

  @Test
  void unknownErrorNumbersKeepTheirNumber() {
    assertThat(Errno.describe(Errno.ENODEV)).startsWith("ENODEV");
    assertThat(Errno.describe(4711)).isEqualTo("errno 4711");
    assertThat(new BpfException(2, "find the map", "svcs4", "a log"))
        .hasMessage("find the map svcs4: ENOENT (no such object)\na log");
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    Path here = Path.of("/sys/fs/bpf/x");
    assertThatThrownBy(
            () ->
                new DataplaneOptions(
                    here, here, MapSizes.DEFAULT, 30_000, 20_000, 1, true, true, true, true))
        .hasMessageContaining("30000-20000");
    assertThatThrownBy(
            () ->
                new DataplaneOptions(
                    Path.of("x"), here, MapSizes.DEFAULT, 1, 2, 1, true, true, true, true))
        .hasMessageContaining("absolute");
    assertThatThrownBy(() -> new MapSizes(1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, PolicySizes.DEFAULT))
        .hasMessageContaining("at least 1");
  }
}
