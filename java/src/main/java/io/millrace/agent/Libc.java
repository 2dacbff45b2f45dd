// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** The few calls of libc that the JDK does not offer. All throw the errno they fail with. */
final class Libc {
  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0100;
  static final int O_CLOEXEC = 02000000;

  static final int LOCK_EX = 2;
  static final int LOCK_NB = 4;

  static final int EWOULDBLOCK = 11;

  /** {@code f_type} of a bpffs. */
  static final long BPF_FS_MAGIC = 0xcafe4a11L;

  /** More than any {@code struct statfs}; {@code f_type} is its first word. */
  static final int STATFS_BYTES = 256;

  static {
    Native.register("c");
  }

  private Libc() {}

  static native int open(String path, int flags, int mode) throws LastErrorException;

  static native int close(int fd) throws LastErrorException;

  static native int flock(int fd, int operation) throws LastErrorException;

  static native int statfs(String path, Pointer buffer) throws LastErrorException;

  static native int mount(
      String source, String target, String type, NativeLong flags, @Nullable String data)
      throws LastErrorException;
}
