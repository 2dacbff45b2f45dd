// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

/**
 * How one resource of the API is doing.
 *
 * @param resource for example {@code endpointslices}
 * @param objects that are held
 * @param events taken so far
 * @param lists begun so far
 * @param errors so far
 * @param silentMs since the server said something; it does at least once a minute
 */
public record ResourceStats(
    String resource, int objects, long events, long lists, long errors, long silentMs) {}
