package s3r.hadoop;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * The file systems of clients, by the settings of one configuration and for one user.
 *
 * <p>A router is made for each call, and its stores are Hadoop's cache's: whoever has the same
 * settings has the same connections. One that was closed is opened again. They are opened when they
 * are first needed: opening one inside another's {@code initialize} would hold the cache's permit.
 */
final class Stores {
  private static final Configuration NOTHING = new Configuration(false);
  private static final int MOST_TRIES = 500;
  private static final long PAUSE = 10_000_000; // nanoseconds

  private final Configuration conf;
  private final UserGroupInformation user;
  private final boolean own;
  private final Map<Bucket, Lease> opened = new ConcurrentHashMap<>();

  /** A client's bucket. */
  private record Bucket(String client, String name) {}

  /**
   * Opens none yet.
   *
   * @param own whether they are this one's alone, and nobody else closes them, as those of a
   *     FileContext are
   */
  Stores(Configuration conf, boolean own) throws IOException {
    this.conf = conf;
    this.own = own;
    this.user = UserGroupInformation.getCurrentUser();
  }

  /** The user's short name. */
  String user() {
    return user.getShortUserName();
  }

  /**
   * The file system of a client's bucket, which stays open as long as the lease is held.
   *
   * @throws IllegalArgumentException the client has no options
   */
  Lease of(String client, String bucket) throws IOException {
    Bucket key = new Bucket(client, bucket);
    Lease lease = opened.get(key);
    lease = lease == null ? null : lease.store().lease();
    for (int tries = 0; lease == null; tries++) {
      if (tries == MOST_TRIES) {
        throw new IOException("the file system of client '" + client + "' is being closed");
      }
      LockSupport.parkNanos(tries == 0 ? 0 : PAUSE); // it leaves Hadoop's cache in a moment
      lease = open(client, bucket).lease();
    }
    opened.put(key, lease);
    return lease;
  }

  private StoreFileSystem open(String client, String bucket) throws IOException {
    String scheme = ClientSettings.scheme(ClientScheme.encoded(client), bucket, conf);
    URI uri = URI.create(scheme + "://" + bucket);
    if (user.equals(UserGroupInformation.getCurrentUser())) {
      return open(uri, scheme);
    }
    try {
      return user.doAs(
          (java.security.PrivilegedExceptionAction<StoreFileSystem>) () -> open(uri, scheme));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(stopped.getMessage());
    }
  }

  private StoreFileSystem open(URI uri, String scheme) throws IOException {
    if (!own) {
      try {
        return (StoreFileSystem) FileSystem.get(uri, NOTHING); // a copy of the settings costs more
      } catch (UnsupportedFileSystemException notThere) {
        // it is to be opened
      }
    }
    Configuration asking = new Configuration(conf);
    StoreFileSystem.allow(scheme, asking);
    asking.setBoolean("fs." + scheme + ".impl.disable.cache", own);
    StoreFileSystem store = (StoreFileSystem) FileSystem.get(uri, asking);
    if (!own) {
      ReplacedStores.by(store, ReplacedStores.IDLE);
    }
    return store;
  }
}
