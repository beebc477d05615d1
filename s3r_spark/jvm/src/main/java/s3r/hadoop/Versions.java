package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Objects as they were at one time, by name and ETag; some 100 bytes for each are held. */
final class Versions {
  private final Set<Version> all = ConcurrentHashMap.newKeySet();

  /** The first 16 bytes of a SHA-256. */
  private record Version(long high, long low) {
    static Version of(String key, String etag) {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] hash = digest.digest((key + "\n" + Witness.unquoted(etag)).getBytes(UTF_8));
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        return new Version(bytes.getLong(), bytes.getLong());
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException(impossible); // every JVM has it
      }
    }
  }

  void add(String key, String etag) {
    all.add(Version.of(key, etag));
  }

  boolean has(String key, String etag) {
    return all.contains(Version.of(key, etag));
  }

  int size() {
    return all.size();
  }
}
