package s3r.hadoop;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.Invoker;
import org.apache.hadoop.fs.s3a.RemoteFileChangedException;
import org.apache.hadoop.fs.s3a.S3ARetryPolicy;
import org.apache.hadoop.fs.s3a.api.RequestFactory;
import org.apache.hadoop.fs.s3a.audit.AuditSpanS3A;
import org.apache.hadoop.util.functional.CallableRaisingIOE;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/**
 * One object, asked and written by S3A's own requests, client and retries: a copy needs ETags and
 * checksums, which S3A's streams don't tell of.
 */
final class StoredObject {
  private static final long LARGEST_COPY = 5L << 30; // S3's own, of one request
  private static final long COPIED_PART = 1L << 30;

  private final Place place;
  private final String key;
  private final RequestFactory requests;
  private final S3Client client;
  private final Invoker invoker;

  StoredObject(Place place) {
    StoreFileSystem fs = place.fs();
    this.place = place;
    this.key = fs.pathToKey(place.path());
    this.requests = fs.getRequestFactory();
    this.client = fs.getS3AInternals().getAmazonS3Client("copy");
    this.invoker = new Invoker(new S3ARetryPolicy(fs.getConf()), Invoker.LOG_EVENT);
  }

  /** Another object in its folder. */
  StoredObject beside(String name) {
    Path path = new Path(place.path().getParent(), name);
    return new StoredObject(new Place(place.rule(), place.logical(), place.lease(), path));
  }

  private <T> T retried(String action, CallableRaisingIOE<T> call) throws IOException {
    return place.run(
        (fs, path) -> {
          try (AuditSpanS3A span = fs.createSpan("op_rename", path.toString(), null)) {
            span.activate();
            return invoker.retry(action, path.toString(), true, call);
          }
        });
  }

  /**
   * What the store says of it, checksums too.
   *
   * @throws FileNotFoundException it isn't there
   */
  HeadObjectResponse head() throws IOException {
    HeadObjectRequest head =
        requests.newHeadObjectRequestBuilder(key).checksumMode(ChecksumMode.ENABLED).build();
    return retried("head", () -> client.headObject(head));
  }

  /** What the store says of it; null: it isn't there. */
  HeadObjectResponse headOrNull() throws IOException {
    try {
      return head();
    } catch (FileNotFoundException missing) {
      return null;
    }
  }

  /**
   * The bytes of its first part, and so of all but the last as a rule.
   *
   * @return 0: the store doesn't tell, or it has no parts, or they aren't all alike
   */
  long partLength(HeadObjectResponse head) throws IOException {
    long parts = Witness.parts(head.eTag());
    if (parts < 2) {
      return parts * head.contentLength();
    }
    long length = partLength(1);
    boolean mayBeAlike = length > 0 && (head.contentLength() + length - 1) / length == parts;
    return mayBeAlike ? length : 0;
  }

  private long partLength(int part) throws IOException {
    HeadObjectRequest head = requests.newHeadObjectRequestBuilder(key).partNumber(part).build();
    try {
      return retried("head of a part", () -> client.headObject(head)).contentLength();
    } catch (InterruptedIOException interrupted) {
      throw interrupted;
    } catch (IOException untold) {
      return 0;
    }
  }

  /** Whether all of its parts but the last have so many bytes; the store is asked for each. */
  boolean partsAreAlike(HeadObjectResponse head, long length) throws IOException {
    for (int part = 1; part < Witness.parts(head.eTag()); part++) {
      if (partLength(part) != length) {
        return false;
      }
    }
    return true;
  }

  /** What the store says of what it holds, by a part's length. */
  List<Witness> witnesses(HeadObjectResponse head, long part, boolean sure) {
    return Witness.of(head, place.rule().bucket, part, sure);
  }

  /**
   * Reads a part of it.
   *
   * @param head as the store said of it: that version is read
   * @throws IOException it has changed since, or could not be read in some attempts
   */
  byte[] read(HeadObjectResponse head, long from, int length) throws IOException {
    GetObjectRequest.Builder get = requests.newGetObjectRequestBuilder(key).ifMatch(head.eTag());
    if (length < head.contentLength()) {
      get.range("bytes=" + from + "-" + (from + length - 1));
    }
    return retried("read", () -> read(get.build(), head, length));
  }

  private byte[] read(GetObjectRequest get, HeadObjectResponse head, int length)
      throws IOException {
    try (ResponseInputStream<GetObjectResponse> in = client.getObject(get)) {
      if (!head.eTag().equals(in.response().eTag())) {
        in.abort();
        throw new RemoteFileChangedException(
            place.path().toString(), "read", "it has been overwritten since");
      }
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length || in.read() >= 0) {
        in.abort();
        throw new EOFException(
            place.path() + ": " + bytes.length + " bytes of " + length + " have come");
      }
      return bytes;
    }
  }

  /** Writes it in one piece; its ETag. */
  String put(byte[] bytes, String md5, Headers headers) throws IOException {
    PutObjectRequest.Builder put =
        requests.newPutObjectRequestBuilder(key, null, bytes.length, false).contentMD5(md5);
    headers.on(put);
    return retried("put", () -> client.putObject(put.build(), body(bytes)).eTag());
  }

  private static RequestBody body(byte[] bytes) { // what takes an array makes a copy of it
    return RequestBody.fromContentProvider(
        () -> new ByteArrayInputStream(bytes), bytes.length, "application/octet-stream");
  }

  /** Begins to write it in parts. */
  Upload upload(Headers headers) throws IOException {
    CreateMultipartUploadRequest.Builder create =
        requests
            .newMultipartUploadRequestBuilder(key, null)
            .checksumAlgorithm((ChecksumAlgorithm) null); // each part would have to have it
    headers.on(create);
    CreateMultipartUploadRequest request = create.build();
    return new Upload(
        request, retried("upload", () -> client.createMultipartUpload(request)).uploadId());
  }

  /** Deletes it, if that version is still there; false: another one is. */
  boolean delete(String etag) throws IOException {
    String wanted = Witness.unquoted(etag);
    return deleteIf(there -> Witness.unquoted(there).equals(wanted));
  }

  /** Deletes it, if it is still there and its ETag is as it should be; false: it is another one. */
  boolean deleteIf(Predicate<String> isWanted) throws IOException {
    HeadObjectResponse head = headOrNull();
    if (head == null) {
      return true;
    }
    if (!isWanted.test(head.eTag())) {
      return false;
    }
    retried(
        "delete", () -> client.deleteObject(requests.newDeleteObjectRequestBuilder(key).build()));
    return true;
  }

  /** Copies it within its store, as S3A does. */
  Copy.Pair copyTo(StoredObject target) throws IOException {
    HeadObjectResponse head = head();
    CopyObjectRequest copy =
        requests
            .newCopyObjectRequestBuilder(key, target.key, head)
            .copySourceIfMatch(head.eTag())
            .build();
    if (head.contentLength() < LARGEST_COPY) {
      String etag = retried("copy", () -> client.copyObject(copy)).copyObjectResult().eTag();
      return new Copy.Pair(head.eTag(), etag, true);
    }
    try (Upload upload = target.upload(Headers.of(head))) {
      for (long from = 0; from < head.contentLength(); from += COPIED_PART) {
        upload.copy(copy, from, Math.min(head.contentLength(), from + COPIED_PART));
      }
      return new Copy.Pair(head.eTag(), upload.complete(), true);
    }
  }

  /**
   * An object that is written in parts; it is given up where it is closed before it is complete.
   */
  final class Upload implements AutoCloseable {
    private final CreateMultipartUploadRequest request;
    private final String id;
    private final List<CompletedPart> parts = new ArrayList<>();
    private boolean open = true;

    private Upload(CreateMultipartUploadRequest request, String id) {
      this.request = request;
      this.id = id;
    }

    void put(byte[] bytes, String md5) throws IOException {
      UploadPartRequest part =
          UploadPartRequest.builder()
              .bucket(request.bucket())
              .key(key)
              .uploadId(id)
              .partNumber(parts.size() + 1)
              .contentLength((long) bytes.length)
              .contentMD5(md5)
              .sseCustomerAlgorithm(request.sseCustomerAlgorithm())
              .sseCustomerKey(request.sseCustomerKey())
              .sseCustomerKeyMD5(request.sseCustomerKeyMD5())
              .build();
      add(retried("put a part", () -> client.uploadPart(part, body(bytes))).eTag());
    }

    private void copy(CopyObjectRequest whole, long from, long to) throws IOException {
      UploadPartCopyRequest part =
          UploadPartCopyRequest.builder()
              .sourceBucket(whole.sourceBucket())
              .sourceKey(whole.sourceKey())
              .copySourceIfMatch(whole.copySourceIfMatch())
              .copySourceRange("bytes=" + from + "-" + (to - 1))
              .copySourceSSECustomerAlgorithm(whole.copySourceSSECustomerAlgorithm())
              .copySourceSSECustomerKey(whole.copySourceSSECustomerKey())
              .copySourceSSECustomerKeyMD5(whole.copySourceSSECustomerKeyMD5())
              .destinationBucket(request.bucket())
              .destinationKey(key)
              .uploadId(id)
              .partNumber(parts.size() + 1)
              .sseCustomerAlgorithm(request.sseCustomerAlgorithm())
              .sseCustomerKey(request.sseCustomerKey())
              .sseCustomerKeyMD5(request.sseCustomerKeyMD5())
              .build();
      add(retried("copy a part", () -> client.uploadPartCopy(part)).copyPartResult().eTag());
    }

    private void add(String etag) {
      parts.add(CompletedPart.builder().partNumber(parts.size() + 1).eTag(etag).build());
    }

    /** Makes the parts an object; its ETag, or null where the store doesn't tell. */
    String complete() throws IOException {
      CompleteMultipartUploadRequest complete =
          CompleteMultipartUploadRequest.builder()
              .bucket(request.bucket())
              .key(key)
              .uploadId(id)
              .multipartUpload(upload -> upload.parts(parts))
              .build();
      String etag = retried("complete", () -> client.completeMultipartUpload(complete)).eTag();
      open = false;
      return etag;
    }

    @Override
    public void close() throws IOException {
      if (!open) {
        return;
      }
      AbortMultipartUploadRequest abort =
          requests.newAbortMultipartUploadRequestBuilder(key, id).build();
      try {
        Uninterrupted.call(() -> retried("abort", () -> client.abortMultipartUpload(abort)));
      } catch (FileNotFoundException gone) {
        open = false; // it has been completed after all, or given up already
      }
    }
  }
}
