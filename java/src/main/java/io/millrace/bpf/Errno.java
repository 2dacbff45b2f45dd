// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** Linux error numbers that the project meets, and their names. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int E2BIG = 7;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EINVAL = 22;
  public static final int ENOSPC = 28;
  public static final int ERANGE = 34;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOTEMPTY = 39;
  public static final int EPROTO = 71;
  public static final int EOPNOTSUPP = 95;
  public static final int ENOBUFS = 105;
  public static final int ESTALE = 116;

  private Errno() {}

  /** Name and meaning of a positive errno, for example {@code "ENODEV (no such device)"}. */
  public static String describe(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM (not permitted: root or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON needed)";
      case ENOENT -> "ENOENT (no such object)";
      case E2BIG -> "E2BIG (the map is full, or an argument too big)";
      case ENOMEM -> "ENOMEM (out of memory)";
      case EACCES -> "EACCES (refused, for a program by the verifier)";
      case EBUSY -> "EBUSY (in use)";
      case EEXIST -> "EEXIST (exists already)";
      case ENODEV -> "ENODEV (no such device)";
      case EINVAL -> "EINVAL (invalid argument)";
      case ENOSPC -> "ENOSPC (no space left)";
      case ERANGE -> "ERANGE (out of range)";
      case ENAMETOOLONG -> "ENAMETOOLONG (path too long)";
      case ENOTEMPTY -> "ENOTEMPTY (folder not empty)";
      case EPROTO -> "EPROTO (parts of different builds)";
      case EOPNOTSUPP -> "EOPNOTSUPP (not supported by this kernel)";
      case ENOBUFS -> "ENOBUFS (messages were lost)";
      case ESTALE -> "ESTALE (left by an incompatible build)";
      default -> "errno " + errno;
    };
  }
}
