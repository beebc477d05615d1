package s3r.hadoop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.s3a.commit.CommitConstants;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * What its owner said of an object: its metadata and the headers that it is served with.
 *
 * @param served by their lowercase names
 */
record Headers(Map<String, String> metadata, Map<String, String> served) {
  static final Headers NONE = new Headers(Map.of(), Map.of());

  private static final String EXPIRES = "expires";
  private static final List<String> SERVED =
      List.of(
          "cache-control",
          "content-disposition",
          "content-encoding",
          "content-language",
          "content-type",
          EXPIRES);

  static Headers of(HeadObjectResponse head) {
    Map<String, String> metadata = new HashMap<>(head.metadata());
    metadata.remove(CommitConstants.X_HEADER_MAGIC_MARKER); // as S3A's own copies have it
    SdkHttpResponse response = head.sdkHttpResponse();
    Map<String, String> served = new HashMap<>();
    for (String name : SERVED) {
      response.firstMatchingHeader(name).ifPresent(value -> served.put(name, value));
    }
    return new Headers(metadata, served);
  }

  /**
   * Refuses what the SDK for Java can't send: of letters beyond ASCII, it signs other bytes than it
   * sends, and so does S3A's own copy within a store.
   */
  void check(Place place) throws PathIOException {
    for (Map<String, String> some : List.of(metadata, served)) {
      for (Map.Entry<String, String> entry : some.entrySet()) {
        if (!entry.getValue().chars().allMatch(letter -> letter < 0x7f)) {
          throw new PathIOException(
              place.logical().toString(),
              entry.getKey()
                  + " holds letters that are no ASCII, which the AWS SDK for Java can't send: move"
                  + " it with s3r_spark's boto3 client or its file system s3r");
        }
      }
    }
  }

  void on(PutObjectRequest.Builder put) {
    put.metadata(metadata);
    set("cache-control", put::cacheControl);
    set("content-disposition", put::contentDisposition);
    set("content-encoding", put::contentEncoding);
    set("content-language", put::contentLanguage);
    set("content-type", put::contentType);
    set(EXPIRES, date -> put.overrideConfiguration(it -> it.putHeader(EXPIRES, date)));
  }

  void on(CreateMultipartUploadRequest.Builder upload) {
    upload.metadata(metadata);
    set("cache-control", upload::cacheControl);
    set("content-disposition", upload::contentDisposition);
    set("content-encoding", upload::contentEncoding);
    set("content-language", upload::contentLanguage);
    set("content-type", upload::contentType);
    set(EXPIRES, date -> upload.overrideConfiguration(it -> it.putHeader(EXPIRES, date)));
  }

  private void set(String name, Consumer<String> header) {
    Optional.ofNullable(served.get(name)).ifPresent(header);
  }
}
