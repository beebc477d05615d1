package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A profile of routes.yaml, as the configuration has it. */
record Profile(
    String name,
    String client,
    String bucketPattern,
    String keyPattern,
    String mappedBucket,
    String mappedPrefix,
    boolean prepends,
    boolean spark,
    boolean readOnly) {

  private static final String BUCKETS = "source_bucket_pattern";
  private static final Set<String> FIELDS =
      Set.of(
          "name",
          "client",
          BUCKETS,
          "source_key_pattern",
          "mapped_bucket_name",
          "mapped_prefix",
          "prefix_mode",
          "spark",
          "access");

  /**
   * Reads a profile: {@code name=minio;source_bucket_pattern=lake;…}, with what could be taken for
   * something else in percent and two hex digits for each byte of its UTF-8. So it has neither
   * blanks nor a dollar sign, which Hadoop would expand. {@code engines/router.py} writes it.
   *
   * @throws IllegalArgumentException it is no such text
   */
  static Profile read(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : text.split(";", -1)) {
      int equals = field.indexOf('=');
      String key = equals < 0 ? field : field.substring(0, equals);
      if (equals < 0 || !FIELDS.contains(key) || fields.containsKey(key)) {
        throw new IllegalArgumentException(
            Profiles.ROUTES + " has '" + field + "' in the profile '" + text + "'");
      }
      fields.put(key, URLDecoder.decode(field.substring(equals + 1).replace("+", "%2B"), UTF_8));
    }
    String name = fields.getOrDefault("name", "?");
    if (!fields.containsKey(BUCKETS)) {
      throw new IllegalArgumentException("profile '" + name + "' has no " + BUCKETS);
    }
    return new Profile(
        name,
        fields.getOrDefault("client", name),
        fields.get(BUCKETS),
        fields.getOrDefault("source_key_pattern", "*"),
        fields.get("mapped_bucket_name"),
        fields.get("mapped_prefix"),
        oneOf(fields, name, "prefix_mode", "replace", "prepend").equals("prepend"),
        oneOf(fields, name, "spark", "true", "false").equals("true"),
        oneOf(fields, name, "access", "write", "read").equals("read"));
  }

  private static String oneOf(
      Map<String, String> fields, String name, String key, String usual, String other) {
    String value = fields.getOrDefault(key, usual);
    if (!value.equals(usual) && !value.equals(other)) {
      throw new IllegalArgumentException(
          String.format(
              "profile '%s': %s must be %s or %s, not '%s'", name, key, usual, other, value));
    }
    return value;
  }

  @Override
  public String toString() {
    return "profile '" + name + "'";
  }
}
