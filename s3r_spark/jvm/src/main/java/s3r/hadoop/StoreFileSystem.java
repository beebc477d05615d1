package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.Constants;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.apache.hadoop.fs.s3a.S3AUtils;
import org.apache.hadoop.fs.s3a.api.RequestFactory;
import org.apache.hadoop.fs.s3a.audit.AuditSpanS3A;
import org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory;
import org.apache.hadoop.net.NetUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * S3A for one client of routes.yaml, under a scheme of its own, so that two clients may each have a
 * bucket of the same name.
 *
 * <p>The client's options ({@code fs.s3r.client.<client>.<option>}) are laid over {@code fs.s3a.*}
 * before S3A reads them. Options for one bucket ({@code fs.s3a.bucket.*}) would win over these, and
 * belong to whichever client has a bucket of that name, so they are left out.
 */
public final class StoreFileSystem extends S3AFileSystem {
  private static final String STORES = "security.credential.provider.path";
  private static final int PAGE = 250; // S3A's
  private static final Logger LOG = LoggerFactory.getLogger(StoreFileSystem.class);
  private static final String HADOOP_STORES = "hadoop." + STORES;

  /** What S3A asks credential stores for. */
  private static final List<String> SECRETS =
      List.of(
          "access.key",
          "secret.key",
          "session.token",
          "encryption.key",
          "proxy.username",
          "proxy.password");

  /** Whoever has files here that are to be deleted when it is closed. */
  private final Set<RouterFileSystem> routers =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /** Has a router delete such files before this is closed: Hadoop closes all in any order. */
  void tellBeforeClosing(RouterFileSystem router) {
    routers.add(router);
  }

  @Override
  public void close() throws IOException {
    for (RouterFileSystem router : routers.toArray(new RouterFileSystem[0])) {
      routers.remove(router);
      router.deleteMarked();
    }
    super.close();
  }

  @Override
  public void initialize(URI uri, Configuration original) throws IOException {
    Configuration conf;
    try {
      String client = ClientScheme.encodedName(uri.getScheme());
      conf = forClient(client, original);
      if (ClientScheme.hasDigest(uri.getScheme())
          && !uri.getScheme().equals(scheme(client, original))) {
        throw new IllegalArgumentException(
            "the settings of client '"
                + ClientScheme.client(uri.getScheme())
                + "' have changed since this was in use: start a new session");
      }
    } catch (IllegalArgumentException wrong) {
      throw new IOException(ClientScheme.withoutDigests(uri + ": ") + wrong.getMessage(), wrong);
    }
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

  /**
   * The scheme of a client's file systems with the settings of a configuration.
   *
   * @param client its encoded name
   */
  static String scheme(String client, Configuration conf) throws IOException {
    return ClientScheme.ofEncoded(client, optionsAndSecrets(client, conf));
  }

  /** Lets a scheme be opened, and committed to, by who has this configuration. */
  static void allow(String scheme, Configuration conf) {
    conf.set("fs." + scheme + ".impl", StoreFileSystem.class.getName());
    conf.set(
        "mapreduce.outputcommitter.factory.scheme." + scheme, S3ACommitterFactory.class.getName());
  }

  /**
   * Deletes a folder and all that is in it, and nothing that could be somebody else's: neither a
   * file of the folder's own name, which S3A's delete would take, nor does it mark the parent as a
   * folder.
   */
  void deleteFolder(Path folder) throws IOException {
    deleteFolder(folder, entry -> true);
  }

  /** Deletes of a folder what is wanted. */
  void deleteFolder(Path folder, Predicate<FileStatus> wanted) throws IOException {
    int page = getConf().getInt(Constants.BULK_DELETE_PAGE_SIZE, PAGE);
    List<ObjectIdentifier> keys = new ArrayList<>();
    try {
      RemoteIterator<S3ALocatedFileStatus> found = listFilesAndEmptyDirectories(folder, true);
      while (found.hasNext()) {
        FileStatus entry = found.next();
        boolean isOfItsName = entry.isFile() && entry.getPath().equals(folder);
        if (!isOfItsName && wanted.test(entry)) {
          String key = pathToKey(entry.getPath()) + (entry.isDirectory() ? "/" : "");
          keys.add(ObjectIdentifier.builder().key(key).build());
        }
        if (keys.size() == page) {
          deleteKeys(folder, keys);
          keys.clear();
        }
      }
      deleteKeys(folder, keys);
    } catch (FileNotFoundException gone) {
      LOG.debug("{} is gone already", folder);
    }
  }

  /** Marks a folder as one, whether or not anything is in it. */
  void markFolder(Path folder) throws IOException {
    try (AuditSpanS3A span = createSpan("op_mkdirs", folder.toString(), null)) {
      span.activate();
      PutObjectRequest marker =
          getRequestFactory().newDirectoryMarkerRequest(pathToKey(folder) + "/").build();
      getS3AInternals().getAmazonS3Client("mark").putObject(marker, RequestBody.empty());
    } catch (SdkException error) {
      throw S3AUtils.translateException("mark", folder, error);
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

  @Override
  protected RequestFactory createRequestFactory() {
    return Headers.placed(super.createRequestFactory());
  }

  static Configuration forClient(String client, Configuration original) throws IOException {
    Map<String, String> options = optionsAndSecrets(client, original);
    Configuration conf = new Configuration(original);
    List<String> perBucket = new ArrayList<>();
    for (Map.Entry<String, String> entry : conf) {
      if (entry.getKey().startsWith("fs.s3a.bucket.")) {
        perBucket.add(entry.getKey());
      }
    }
    perBucket.forEach(conf::unset);
    // A credential store wins over plain keys, so one that is meant for others must not be asked.
    conf.unset(HADOOP_STORES);
    conf.unset("fs.s3a." + STORES);
    options.forEach((name, value) -> conf.set("fs.s3a." + name, value, "client " + client));
    return conf;
  }

  private static String prefix(String client) {
    return "fs.s3r.client." + client + ".";
  }

  /**
   * A client's options by their names in S3A.
   *
   * @param client its encoded name
   * @throws IllegalArgumentException it has none
   */
  static Map<String, String> options(String client, Configuration conf) {
    Map<String, String> options = conf.getPropsWithPrefix(prefix(client));
    if (options.isEmpty()) {
      throw new IllegalArgumentException(
          "client '"
              + ClientScheme.client("s3r-" + client)
              + "' has no options: this process lacks "
              + prefix(client)
              + "*");
    }
    return options;
  }

  private static Map<String, String> optionsAndSecrets(String client, Configuration conf)
      throws IOException {
    Map<String, String> options = options(client, conf);
    readStores(prefix(client), conf, options);
    Variables.check(client, options, conf, prefix(client));
    return options;
  }

  /**
   * Secrets of the client that lie in the session's credential stores, under its options' names.
   */
  private static void readStores(String prefix, Configuration original, Map<String, String> options)
      throws IOException {
    String stores = original.getTrimmed("fs.s3a." + STORES, "");
    if (stores.isEmpty()) {
      return;
    }
    Configuration asking = new Configuration(original);
    asking.set(HADOOP_STORES, stores);
    for (String name : SECRETS) {
      char[] secret = asking.getPassword(prefix + name);
      if (secret != null) {
        options.put(name, new String(secret));
      }
    }
  }
}
