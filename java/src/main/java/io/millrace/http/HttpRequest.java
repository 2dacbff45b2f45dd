// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

/**
 * A request, as far as anybody here asks for it.
 *
 * @param path without the query
 * @param accept the header {@code Accept}; empty if there is none
 */
public record HttpRequest(String method, String path, String accept) {}
