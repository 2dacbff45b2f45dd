// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** A key and its self-signed certificate, in the forms in which kubeconfigs carry them. */
record ClientKeys(String certificatePem, String pkcs8Pem, String plainPem) {
  private static final char[] PASSWORD = "not secret".toCharArray();

  static ClientKeys make(Path dir, String algorithm) throws Exception {
    Path file = dir.resolve(algorithm + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-dname",
                "CN=test",
                "-keyalg",
                algorithm,
                algorithm.equals("EC") ? "-groupname" : "-keysize",
                algorithm.equals("EC") ? "secp256r1" : "2048",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException(said);
    }
    return of(file);
  }

  private static ClientKeys of(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    PrivateKey key = (PrivateKey) store.getKey("a", PASSWORD);
    boolean ec = key instanceof ECPrivateKey;
    byte[] plain = ec ? sec1((ECPrivateKey) key) : pkcs1(key);
    return new ClientKeys(
        pem("CERTIFICATE", store.getCertificate("a").getEncoded()),
        pem("PRIVATE KEY", key.getEncoded()),
        pem(ec ? "EC PRIVATE KEY" : "RSA PRIVATE KEY", plain));
  }

  /** What PKCS#8 wraps: the last element. A key of 2048 bits needs lengths of two bytes. */
  private static byte[] pkcs1(PrivateKey key) {
    byte[] wrapped = key.getEncoded();
    for (int i = 4; i < wrapped.length; i++) {
      int length = ((wrapped[i + 2] & 0xff) << 8) | (wrapped[i + 3] & 0xff);
      if (wrapped[i] == 4 && wrapped[i + 1] == (byte) 0x82 && i + 4 + length == wrapped.length) {
        return Arrays.copyOfRange(wrapped, i + 4, wrapped.length);
      }
    }
    throw new IllegalArgumentException("no PKCS#1 in this key");
  }

  /** Version, private value and curve P-256. */
  private static byte[] sec1(ECPrivateKey key) {
    byte[] value = new byte[32];
    byte[] shortest = key.getS().toByteArray();
    int skip = Math.max(0, shortest.length - 32);
    System.arraycopy(shortest, skip, value, 32 - (shortest.length - skip), shortest.length - skip);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HexFormat.of().parseHex("30310201010420"));
    out.writeBytes(value);
    out.writeBytes(HexFormat.of().parseHex("a00a06082a8648ce3d030107"));
    return out.toByteArray();
  }

  private static String pem(String what, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }
}
