// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of pins. */
public final class Bpffs {
  private static final Logger log = LoggerFactory.getLogger(Bpffs.class);

  /** How {@code native/core/bpffs.c} tells a mount of ours when it cleans up. */
  private static final String MOUNT_SOURCE = "millrace";

  /** MS_NOSUID, MS_NODEV, MS_NOEXEC. */
  private static final NativeLong MOUNT_FLAGS = new NativeLong(2 | 4 | 8);

  private Bpffs() {}

  /** Whether the folder exists and is on a bpffs. */
  public static boolean isBpffs(Path folder) {
    try (Memory statfs = new Memory(Libc.STATFS_BYTES)) {
      Libc.statfs(folder.toString(), statfs);
      return (statfs.getNativeLong(0).longValue() & 0xffff_ffffL) == Libc.BPF_FS_MAGIC;
    } catch (LastErrorException e) {
      return false;
    }
  }

  /**
   * Makes the folder with mode 0700, and mounts a bpffs on it if it is not on one.
   *
   * @throws IOException if that cannot be done; says what to do
   */
  static void prepare(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
      if (!isBpffs(folder)) {
        Libc.mount(MOUNT_SOURCE, folder.toString(), "bpf", MOUNT_FLAGS, "mode=0700");
        log.info("mounted a bpffs folder={}", folder);
        warnIfPrivate(folder);
      }
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    } catch (LastErrorException | IOException e) {
      throw new IOException(
          "--bpffs "
              + folder
              + " cannot be used ("
              + e.getMessage()
              + "): to mount one there takes CAP_SYS_ADMIN; or mount one with `mount -t bpf bpf"
              + " /sys/fs/bpf`, and choose a folder on it",
          e);
    }
  }

  /** Pins in a mount that dies with us would not survive a restart. */
  private static void warnIfPrivate(Path folder) {
    try {
      Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt"));
      if (!ours.equals(Files.readSymbolicLink(Path.of("/proc/1/ns/mnt")))) {
        log.warn(
            "the bpffs was mounted in a mount namespace of its own, as `ip netns exec` makes one:"
                + " its pins may be lost when this process ends; mount it outside instead folder={}",
            folder);
      }
    } catch (IOException e) {
      log.debug("cannot compare mount namespaces", e);
    }
  }
}
