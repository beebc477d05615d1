package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The URI scheme of a client's own file systems.
 *
 * <p>A client may have any name, and a scheme holds lowercase letters, digits, {@code -}, {@code .}
 * and {@code +} only: every other byte of the name's UTF-8 is written as {@code +} and two hex
 * digits. {@code s3r_spark/hadoop/engines/router.py} does the same.
 *
 * <p>A dot and a digest of the client's settings follow where the router opens a store. Hadoop
 * keeps file systems by their URIs, so that without it, whoever asks with other settings would be
 * given the store that was opened first, and write to it.
 */
final class ClientScheme {
  private static final String PREFIX = "s3r-";
  private static final int DIGITS = 12;
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
   * The scheme of a client with its settings; it tells them from others, and not what they are.
   *
   * @param client its encoded name
   */
  static String ofEncoded(String client, Map<String, String> settings) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every JVM has it
    }
    new TreeMap<>(settings)
        .forEach((name, value) -> digest.update((name + "\0" + value + "\0").getBytes(UTF_8)));
    return PREFIX + client + "." + HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
  }

  /** Whether a scheme tells of the settings too. */
  static boolean hasDigest(String scheme) {
    return scheme.indexOf('.') >= 0;
  }

  /** A text for people, in which schemes tell of clients alone. */
  static String withoutDigests(String text) {
    return DIGEST.matcher(text).replaceAll("$1");
  }

  /** The encoded name in a scheme. */
  static String encodedName(String scheme) {
    int dot = scheme.indexOf('.');
    return scheme.substring(PREFIX.length(), dot < 0 ? scheme.length() : dot);
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
