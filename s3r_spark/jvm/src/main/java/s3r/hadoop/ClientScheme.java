package s3r.hadoop;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The URI scheme of a client's own file systems.
 *
 * <p>A client may have any name, and a scheme holds lowercase letters, digits, {@code -}, {@code .}
 * and {@code +} only: every other byte of the name's UTF-8 is written as {@code +} and two hex
 * digits. {@code s3r_spark/hadoop/engines/router.py} does the same.
 */
final class ClientScheme {
  private static final String PREFIX = "s3r-";

  private ClientScheme() {}

  /** The name of a client as a part of schemes and of option names. */
  static String encoded(String client) {
    StringBuilder out = new StringBuilder();
    for (byte b : client.getBytes(StandardCharsets.UTF_8)) {
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

  /** The encoded name in a scheme. */
  static String encodedName(String scheme) {
    return scheme.substring(PREFIX.length());
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
    return out.toString(StandardCharsets.UTF_8);
  }
}
