package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The URI scheme of a client's own file systems.
 *
 * <p>A client may have any name, and a scheme holds lowercase letters, digits, {@code -}, {@code .}
 * and {@code +} only: every other byte of the name's UTF-8 is written as {@code +} and two hex
 * digits. {@code s3r_spark/hadoop/engines/router.py} does the same.
 *
 * <p>A dot and a digest of the client's settings and the bucket follow where the router opens a
 * store. Hadoop keeps file systems by their URIs, and takes buckets whose names differ in case for
 * one, so that without it, whoever asks with other settings would be given the store that was
 * opened first, and write to it. The digest is another one in each process: it stands in logs, and
 * must tell nothing of the secrets.
 */
final class ClientScheme {
  private static final String PREFIX = "s3r-";
  private static final int DIGITS = 16;
  private static final String HMAC = "HmacSHA256";

  /** Of this process alone, so that nobody can try out secrets on a scheme. */
  private static final byte[] KEY = new byte[32];

  static {
    new SecureRandom().nextBytes(KEY);
  }

  private static final Pattern DIGEST =
      Pattern.compile("(" + PREFIX + "[a-z0-9+-]+)\\.[0-9a-f]{" + DIGITS + "}(?=://)");

  private ClientScheme() {}

  /** The name of a client as a part of schemes and of option names. */
  static String encoded(String client) {
    StringBuilder out = new StringBuilder();
    for (byte b : client.getBytes(UTF_8)) {
      if ((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '-') {
        out.append((char) b);
      } else {
        out.append(String.format("+%02x", b));
      }
    }
    return out.toString();
  }

  /** The scheme of a client. */
  static String of(String client) {
    return PREFIX + encoded(client);
  }

  /**
   * The scheme of a client's bucket with its settings; it tells them from others, and not what they
   * are.
   *
   * @param client its encoded name
   */
  static String ofEncoded(String client, String bucket, Map<String, String> settings) {
    Mac mac;
    try {
      mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(KEY, HMAC));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible); // every JVM has it
    }
    mac.update((bucket + "\0").getBytes(UTF_8));
    new TreeMap<>(settings)
        .forEach((name, value) -> mac.update((name + "\0" + value + "\0").getBytes(UTF_8)));
    return PREFIX + client + "." + HexFormat.of().formatHex(mac.doFinal()).substring(0, DIGITS);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible); // every JVM has it
    }
  }

  /** Whether a scheme tells of the settings too. */
  static boolean hasDigest(String scheme) {
    return scheme.indexOf('.') >= 0;
  }

  /** The scheme of a client, whatever its settings. */
  static String withoutDigest(String scheme) {
    int dot = scheme.indexOf('.');
    return dot < 0 ? scheme : scheme.substring(0, dot);
  }

  /** A text for people, in which schemes tell of clients alone. */
  static String withoutDigests(String text) {
    return DIGEST.matcher(text).replaceAll("$1");
  }

  /** The encoded name in a scheme. */
  static String encodedName(String scheme) {
    return withoutDigest(scheme).substring(PREFIX.length());
  }

  /** The client of a scheme, for people. */
  static String client(String scheme) {
    String text = encodedName(scheme);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '+') {
        out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        out.write(text.charAt(i));
      }
    }
    return out.toString(UTF_8);
  }
}
