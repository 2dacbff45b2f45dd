// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A {@code flock(2)} that says "an agent works here". The kernel lets go of it when the process
 * ends, however it ends.
 */
public final class InstanceLock implements AutoCloseable {
  private final int fd;

  private InstanceLock(int fd) {
    this.fd = fd;
  }

  /** Somebody else holds it. */
  public static final class HeldException extends IOException {
    private static final long serialVersionUID = 1L;

    HeldException(String message) {
      super(message);
    }
  }

  /**
   * Locks the file, made if it is missing, and leaves our pid in it.
   *
   * @throws HeldException if another process holds it; names it
   */
  public static InstanceLock ofFile(Path file) throws IOException {
    InstanceLock lock = lock(file, Libc.O_RDWR | Libc.O_CREAT, "--run-dir " + file.getParent());
    Files.writeString(file, ProcessHandle.current().pid() + "\n");
    return lock;
  }

  /**
   * Locks a folder.
   *
   * @throws HeldException if another process holds it; names it
   */
  public static InstanceLock ofFolder(Path folder) throws IOException {
    return lock(folder, Libc.O_RDONLY, "--bpffs " + folder);
  }

  private static InstanceLock lock(Path path, int flags, String what) throws IOException {
    int fd = -1;
    try {
      fd = Libc.open(path.toString(), flags | Libc.O_CLOEXEC, 0600);
      Libc.flock(fd, Libc.LOCK_EX | Libc.LOCK_NB);
      return new InstanceLock(fd);
    } catch (LastErrorException e) {
      if (fd >= 0) {
        Libc.close(fd);
      }
      if (e.getErrorCode() == Libc.EWOULDBLOCK) {
        throw new HeldException("an agent is running with " + what + ": " + holder(path));
      }
      throw new IOException("cannot lock " + path + ": " + e.getMessage(), e);
    }
  }

  /** {@code pid 123}, from the kernel's list of locks. */
  private static String holder(Path path) throws IOException {
    String file = " " + device(path) + ":" + Files.getAttribute(path, "unix:ino") + " ";
    for (String line : Files.readAllLines(Path.of("/proc/locks"), StandardCharsets.US_ASCII)) {
      // 1: FLOCK  ADVISORY  WRITE 4711 00:17:1234 0 EOF
      if (line.contains("FLOCK") && line.contains(file)) {
        return "pid " + line.trim().split("\\s+", 7)[4];
      }
    }
    return "its pid is not visible here";
  }

  /** {@code 00:17}: every bpffs has the same inode for its root, only the device differs. */
  private static String device(Path path) throws IOException {
    long dev = ((Number) Files.getAttribute(path, "unix:dev")).longValue();
    long major = ((dev >>> 8) & 0xfff) | ((dev >>> 32) & ~0xfffL);
    long minor = (dev & 0xff) | ((dev >>> 12) & ~0xffL);
    return String.format("%02x:%02x", major, minor);
  }

  @Override
  public void close() {
    Libc.close(fd);
  }
}
