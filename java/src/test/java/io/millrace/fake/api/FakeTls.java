// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

/**
 * A key and a certificate for loopback addresses, made anew by the JDK's keytool.
 *
 * @param ca the certificate as PEM, which is its own authority
 */
public record FakeTls(SslContext context, Path ca) {
  private static final String PASSWORD = "not-secret";

  /**
   * Makes both, and keeps them in the folder.
   *
   * @param name a name that tells several apart
   */
  public static FakeTls create(Path folder, String name) throws IOException {
    Path store = folder.resolve(name + ".p12");
    keytool(
        List.of("-genkeypair", "-keystore", store.toString(), "-storetype", "PKCS12"),
        List.of("-storepass", PASSWORD, "-alias", "fake", "-keyalg", "EC", "-groupname"),
        List.of("secp256r1", "-validity", "2", "-dname", "CN=" + name),
        List.of("-ext", "SAN=ip:127.0.0.1,ip:0:0:0:0:0:0:0:1,dns:localhost"));
    try {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(store)) {
        keys.load(in, PASSWORD.toCharArray());
      }
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, PASSWORD.toCharArray());
      Path ca = folder.resolve(name + ".pem");
      Files.writeString(ca, pem(keys.getCertificate("fake")));
      return new FakeTls(SslContextBuilder.forServer(managers).build(), ca);
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot read what keytool made", e);
    }
  }

  private static String pem(Certificate certificate) throws GeneralSecurityException {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  @SafeVarargs
  private static void keytool(List<String>... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    List.of(arguments).forEach(command::addAll);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("keytool failed: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool was running", e);
    }
  }
}
