// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** What one collection of both flow tables saw and did; see {@code struct gc_args}. */
public record GcStats(long scanned, long live, long expired, long orphans, long oldestSeconds) {}
