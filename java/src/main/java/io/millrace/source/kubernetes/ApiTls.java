// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS with the API server. The client library would also trust every authority that the JDK knows;
 * only the cluster's own may speak for its API server.
 */
final class ApiTls {
  private ApiTls() {}

  /**
   * Null where the library's own is right: no authority is given, or any is to be trusted.
   *
   * @throws IOException if a certificate or key cannot be used
   */
  static @Nullable SSLContext context(Config config) throws IOException {
    byte[] authority = authority(config);
    if (authority.length == 0 || config.isTrustCerts()) {
      return null;
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(SSLUtils.keyManagers(config), trust(authority), new SecureRandom());
      return context;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(
          "the certificates for the API server cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * Tells the library of what kind the client's key is: where PKCS#8 does not say so on its first
   * line, it takes every key for RSA.
   *
   * @throws IOException if it is of no kind that can be used
   */
  static void findKeyKind(Config config) throws IOException {
    try {
      var unused = SSLUtils.keyManagers(config);
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      config.setClientKeyAlgo("EC");
      try {
        var unused = SSLUtils.keyManagers(config);
      } catch (GeneralSecurityException | RuntimeException again) {
        throw new IOException("the client's certificate or key cannot be used: " + e, again);
      }
    }
  }

  private static byte[] authority(Config config) throws IOException {
    String data = config.getCaCertData();
    if (data != null && !data.isEmpty()) {
      return Base64.getMimeDecoder().decode(data);
    }
    String file = config.getCaCertFile();
    return file == null || file.isEmpty() ? new byte[0] : Files.readAllBytes(Path.of(file));
  }

  private static TrustManager[] trust(byte[] authority)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int count = 0;
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    for (Certificate each : factory.generateCertificates(new ByteArrayInputStream(authority))) {
      store.setCertificateEntry("authority" + count++, each);
    }
    if (count == 0) {
      throw new IOException("there is no certificate in the cluster's certificate-authority");
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust.getTrustManagers();
  }
}
