package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.Constants;
import org.apache.hadoop.fs.s3a.Invoker;
import org.apache.hadoop.fs.s3a.S3AFileStatus;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.apache.hadoop.fs.s3a.S3ARetryPolicy;
import org.apache.hadoop.fs.s3a.S3AUtils;
import org.apache.hadoop.fs.s3a.S3ListRequest;
import org.apache.hadoop.fs.s3a.S3ListResult;
import org.apache.hadoop.fs.s3a.Tristate;
import org.apache.hadoop.fs.s3a.audit.AuditSpanS3A;
import org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory;
import org.apache.hadoop.net.NetUtils;
import org.apache.hadoop.util.functional.FunctionRaisingIOE;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * S3A for one client of routes.yaml, under a scheme of its own, so that two clients may each have a
 * bucket of the same name.
 *
 * <p>The client's options ({@code fs.s3r.client.<client>.<option>}) are laid over {@code fs.s3a.*}
 * before S3A reads them.
 */
public class StoreFileSystem extends S3AFileSystem {
  private static final int PAGE = 250; // S3A's
  private static final int FEW = 20;

  /** What has files here that are to be deleted before this is closed. */
  private final Set<ExitDeletion> deletions = ConcurrentHashMap.newKeySet();

  private final Object leasing = new Object();
  private WeakReference<Lease> lease = new WeakReference<>(null);
  private long leased;

  private volatile boolean closed;

  /** What keeps this open; null: it is closed. */
  Lease lease() {
    synchronized (leasing) {
      if (closed) {
        return null;
      }
      leased = System.nanoTime();
      Lease known = lease.get();
      if (known == null) {
        known = new Lease(this);
        lease = new WeakReference<>(known);
      }
      return known;
    }
  }

  /**
   * Closes this if nobody has a lease, nor has had one for a while, and no files are to be deleted
   * on exit.
   *
   * @return whether it was closed
   */
  boolean closeIfIdle(Duration idle) throws IOException {
    synchronized (leasing) {
      boolean free = !closed && deletions.isEmpty() && lease.get() == null;
      if (!free || System.nanoTime() - leased < idle.toNanos()) {
        return false;
      }
      closed = true;
    }
    close(); // without the lock: Hadoop's cache has one of its own
    return true;
  }

  /** Has a deletion run before this is closed: Hadoop closes all in any order. */
  void tellBeforeClosing(ExitDeletion deletion) {
    deletions.add(deletion);
  }

  /** Has a deletion not run any more. */
  void forget(ExitDeletion deletion) {
    deletions.remove(deletion);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() throws IOException {
    for (ExitDeletion deletion : deletions.toArray(new ExitDeletion[0])) {
      deletion.run();
    }
    closed = true;
    super.close();
  }

  @Override
  public void initialize(URI uri, Configuration original) throws IOException {
    Configuration conf;
    try {
      String client = ClientScheme.encodedName(uri.getScheme());
      conf = ClientSettings.forClient(client, original);
      if (ClientScheme.hasDigest(uri.getScheme())
          && !uri.getScheme().equals(ClientSettings.scheme(client, uri.getAuthority(), original))) {
        throw new IllegalArgumentException(
            "the settings of client '"
                + ClientScheme.client(uri.getScheme())
                + "' have changed since this was in use: start a new session");
      }
    } catch (IllegalArgumentException wrong) {
      throw new IOException(ClientScheme.withoutDigests(uri + ": ") + wrong.getMessage(), wrong);
    }
    StorePlaces.note(uri, conf);
    super.initialize(uri, conf);
    checkEndpoint(uri);
  }

  /**
   * Refuses a client of AWS's that the machine's own settings have sent elsewhere: variables,
   * properties of the JVM, the AWS files. The SDK asks all of them, and nothing switches that off.
   */
  private void checkEndpoint(URI uri) throws IOException {
    if (!Constants.CENTRAL_ENDPOINT.equals(getConf().getTrimmed(Constants.ENDPOINT))) {
      return;
    }
    Optional<URI> elsewhere =
        getS3AInternals()
            .getAmazonS3Client("endpoint")
            .serviceClientConfiguration()
            .endpointOverride();
    if (elsewhere.isPresent()) {
      close();
      throw new IOException(
          "client '"
              + ClientScheme.client(uri.getScheme())
              + "' is AWS, and this machine (host "
              + NetUtils.getHostname()
              + ") has '"
              + elsewhere.get()
              + "' in its place: leave AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3, endpoint_url in the"
              + " AWS files and the JVM's aws.endpointUrl out, or give the client an endpoint_url");
    }
  }

  /** By this name tokens are known, on all machines. */
  @Override
  public URI getCanonicalUri() {
    return withoutDigest(super.getCanonicalUri());
  }

  /**
   * Takes the paths of other processes too, as they stand in what tasks leave to be committed: a
   * digest is another one there.
   */
  @Override
  public void checkPath(Path path) {
    String scheme = path.toUri().getScheme();
    URI uri = getUri();
    boolean same =
        scheme != null
            && ClientScheme.withoutDigest(scheme)
                .equals(ClientScheme.withoutDigest(uri.getScheme()))
            && uri.getAuthority().equals(path.toUri().getAuthority());
    if (!same) {
      super.checkPath(path);
    }
  }

  private static URI withoutDigest(URI uri) {
    return URI.create(ClientScheme.withoutDigest(uri.getScheme()) + "://" + uri.getAuthority());
  }

  /** Lets a scheme be opened, and committed to, by who has this configuration. */
  static void allow(String scheme, Configuration conf) {
    conf.set("fs." + scheme + ".impl", StoreFileSystem.class.getName());
    conf.set(
        "mapreduce.outputcommitter.factory.scheme." + scheme, S3ACommitterFactory.class.getName());
  }

  /** A file's status, by one request; null: there is none, whatever folder has the name. */
  S3AFileStatus fileOrNull(Path file) throws IOException {
    HeadObjectResponse head;
    try {
      head = getS3AInternals().getObjectMetadata(file);
    } catch (FileNotFoundException missing) {
      return null;
    }
    if (isCSEEnabled()) {
      return (S3AFileStatus) getFileStatus(file); // S3A knows what length it has decrypted
    }
    return new S3AFileStatus(
        head.contentLength(),
        head.lastModified().toEpochMilli(),
        file,
        getDefaultBlockSize(file),
        getUsername(),
        head.eTag(),
        head.versionId());
  }

  /** What is in a folder, if it is there: S3A's own listings ask twice more where nothing is. */
  RemoteIterator<S3AFileStatus> children(Path folder) throws IOException {
    try (AuditSpanS3A span = createSpan("op_list_status", folder.toString(), null)) {
      span.activate();
      return getListing().getFileStatusesAssumingNonEmptyDir(folder, span);
    }
  }

  /** All files below a folder and what marks folders, the folder itself too, if it is there. */
  RemoteIterator<S3AFileStatus> below(Path folder) throws IOException {
    return createMarkerToolOperations(folder.toString()).listObjects(folder, folderKey(folder));
  }

  /** What is listed, as those want it who ask where its blocks are. */
  RemoteIterator<S3ALocatedFileStatus> located(RemoteIterator<S3AFileStatus> listed) {
    return getListing().createLocatedFileStatusIterator(listed);
  }

  /**
   * The first that is below a folder, files and what marks folders.
   *
   * @param isAll whether there is no more
   */
  record Glimpse(List<S3AFileStatus> entries, boolean isAll) {}

  /** The first that is below a folder, by one request. */
  Glimpse glimpse(Path folder) throws IOException {
    S3ListRequest page = createListObjectsRequest(folderKey(folder), null);
    S3ListRequest few =
        page.isV1()
            ? S3ListRequest.v1(page.getV1().toBuilder().maxKeys(FEW).build())
            : S3ListRequest.v2(page.getV2().toBuilder().maxKeys(FEW).build());
    try (AuditSpanS3A span = createSpan("op_list_status", folder.toString(), null)) {
      span.activate();
      S3ListResult result = listObjects(few, getDurationTrackerFactory());
      List<S3AFileStatus> entries =
          result.getS3Objects().stream().map(object -> status(object.key())).toList();
      return new Glimpse(entries, !result.isTruncated());
    } catch (SdkException error) {
      throw S3AUtils.translateException("list", folder, error);
    }
  }

  private S3AFileStatus status(String key) {
    Path path = keyToQualifiedPath(key);
    return key.endsWith("/")
        ? new S3AFileStatus(Tristate.UNKNOWN, path, getUsername())
        : new S3AFileStatus(0, 0, path, 0, getUsername(), null, null);
  }

  private String folderKey(Path folder) {
    return Routes.folder(pathToKey(folder));
  }

  /** Deletes a file, and does nothing else. */
  void deleteFile(Path file) throws IOException {
    deleteKeys(file, List.of(ObjectIdentifier.builder().key(pathToKey(file)).build()));
  }

  /**
   * Deletes of a folder what is wanted, and nothing that could be somebody else's: neither a file
   * of the folder's own name, which S3A's delete would take, nor does it mark the parent as a
   * folder.
   *
   * @param entries all that is below it
   * @param wanted is asked for each, and may change its path
   * @return how many were deleted
   */
  int deleteFolder(
      Path folder,
      RemoteIterator<S3AFileStatus> entries,
      FunctionRaisingIOE<S3AFileStatus, Boolean> wanted)
      throws IOException {
    int page = getConf().getInt(Constants.BULK_DELETE_PAGE_SIZE, PAGE);
    int deleted = 0;
    List<ObjectIdentifier> keys = new ArrayList<>();
    while (entries.hasNext()) {
      S3AFileStatus entry = entries.next();
      String key = pathToKey(entry.getPath()) + (entry.isDirectory() ? "/" : "");
      if (wanted.apply(entry)) {
        keys.add(ObjectIdentifier.builder().key(key).build());
        deleted++;
      }
      if (keys.size() == page) {
        deleteKeys(folder, keys);
        keys.clear();
      }
    }
    deleteKeys(folder, keys);
    return deleted;
  }

  /** Marks a folder as one, whether or not anything is in it. */
  void markFolder(Path folder) throws IOException {
    PutObjectRequest marker =
        getRequestFactory().newDirectoryMarkerRequest(folderKey(folder)).build();
    S3Client client = getS3AInternals().getAmazonS3Client("mark");
    try (AuditSpanS3A span = createSpan("op_mkdirs", folder.toString(), null)) {
      span.activate();
      new Invoker(new S3ARetryPolicy(getConf()), Invoker.LOG_EVENT)
          .retry(
              "mark", folder.toString(), true, () -> client.putObject(marker, RequestBody.empty()));
    }
  }

  private void deleteKeys(Path folder, List<ObjectIdentifier> keys) throws IOException {
    if (keys.isEmpty()) {
      return;
    }
    try (AuditSpanS3A span = createSpan("op_delete", folder.toString(), null)) {
      span.activate();
      removeKeys(keys, false);
    } catch (SdkException error) {
      throw S3AUtils.translateException("delete", folder, error);
    }
  }
}
