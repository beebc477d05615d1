package s3r.hadoop;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * What a store says of an object's content.
 *
 * @param digest what the content has by that measure, in hex digits
 * @param sure whether content that has another is not the object's
 */
record Witness(Content.Measure measure, String digest, boolean sure) {
  private static final Pattern ETAG = Pattern.compile("([0-9a-f]{32})(?:-([0-9]+))?");
  private static final Pattern CHECKSUM = Pattern.compile("([0-9A-Za-z+/=]+)(?:-([0-9]+))?");

  /** Whether it speaks for a content. */
  boolean isFor(Content content) {
    return digest.equals(content.digest(measure));
  }

  /** Whether it speaks against a content. */
  boolean isAgainst(Content content) {
    return sure && content.digest(measure) != null && !isFor(content);
  }

  /**
   * All that a store says of an object.
   *
   * @param part the bytes of each of its parts but the last; 0: not known, or it has none
   * @param sure whether all parts but the last are known to have so many
   */
  static List<Witness> of(HeadObjectResponse head, String bucket, long part, boolean sure) {
    List<Witness> all = new ArrayList<>();
    boolean isMd5 = !isEncrypted(head) && !bucket.endsWith("--x-s3"); // S3 Express
    for (Witness etag : ofEtag(head.eTag(), part, sure)) {
      all.add(new Witness(etag.measure, etag.digest, etag.sure && isMd5));
    }
    for (Content.Algorithm algorithm : Content.Algorithm.values()) {
      String header = "x-amz-checksum-" + algorithm.name().toLowerCase(Locale.ROOT);
      String value = head.sdkHttpResponse().firstMatchingHeader(header).orElse("");
      Matcher checksum = CHECKSUM.matcher(value);
      if (checksum.matches()) {
        String digest = HexFormat.of().formatHex(Base64.getDecoder().decode(checksum.group(1)));
        add(all, algorithm, checksum.group(2), part, digest, sure);
      }
    }
    return all;
  }

  /** What an ETag says, if it is an MD5. */
  static List<Witness> ofEtag(String etag, long part, boolean sure) {
    List<Witness> all = new ArrayList<>();
    Matcher md5 = ETAG.matcher(unquoted(etag));
    if (md5.matches()) {
      add(all, Content.Algorithm.MD5, md5.group(2), part, md5.group(1), sure);
    }
    return all;
  }

  private static void add(
      List<Witness> all,
      Content.Algorithm algorithm,
      String parts,
      long part,
      String digest,
      boolean sure) {
    if (parts == null) {
      all.add(new Witness(new Content.Measure(algorithm, 0), digest, true));
    } else if (part > 0) {
      all.add(new Witness(new Content.Measure(algorithm, part), digest, sure));
    }
  }

  /** Whether an object's ETag is none of its content, since that is encrypted by a key. */
  private static boolean isEncrypted(HeadObjectResponse head) {
    ServerSideEncryption by = head.serverSideEncryption();
    return head.sseCustomerAlgorithm() != null || (by != null && by != ServerSideEncryption.AES256);
  }

  /** How many parts an ETag says that an object was uploaded in; 0: it says nothing of parts. */
  static long parts(String etag) {
    Matcher md5 = ETAG.matcher(unquoted(etag));
    return md5.matches() && md5.group(2) != null ? Long.parseLong(md5.group(2)) : 0;
  }

  /** An ETag as a listing and an answer have it alike. */
  static String unquoted(String etag) {
    return etag == null ? "" : etag.replace("\"", "");
  }
}
