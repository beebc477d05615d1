package s3r.hadoop;

import java.io.IOException;
import java.lang.ref.Reference;
import java.util.concurrent.CompletionException;
import org.apache.hadoop.fs.Path;

/**
 * Where a logical name really is.
 *
 * @param rule the rule that took it
 * @param logical the logical path
 * @param lease keeps the file system of the rule's client open
 * @param path the path there
 */
record Place(Rule rule, Path logical, Lease lease, Path path) {

  /** The file system of the rule's client. */
  StoreFileSystem fs() {
    return lease.store();
  }

  /** What is to be done at a place. */
  @FunctionalInterface
  interface Action<T> {
    T on(StoreFileSystem fs, Path path) throws IOException;
  }

  /** What is to be done there, for nothing. */
  @FunctionalInterface
  interface Deed {
    void on(StoreFileSystem fs, Path path) throws IOException;
  }

  /** Does something there; its errors name the logical path and the client. */
  <T> T run(Action<T> action) throws IOException {
    try {
      return action.on(fs(), path);
    } catch (IOException error) {
      throw named(error);
    } finally {
      Reference.reachabilityFence(lease);
    }
  }

  /** Does something there, for nothing, as {@code run} does. */
  void does(Deed deed) throws IOException {
    try {
      deed.on(fs(), path);
    } catch (IOException error) {
      throw named(error);
    } finally {
      Reference.reachabilityFence(lease);
    }
  }

  /** An error of the store there, with the logical path and the client. */
  IOException named(IOException error) {
    return Errors.named(error, this);
  }

  /** What stopped a future of the store's. */
  Throwable named(Throwable stopped) {
    Throwable cause = stopped;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof IOException error ? named(error) : cause;
  }

  /** Whether it is the root of a physical bucket, which S3A says is there and won't delete. */
  boolean isStoreRoot() {
    return path.isRoot();
  }

  /** Whether another place is in the same bucket of the same client. */
  boolean sharesStoreWith(Place other) {
    return rule.sharesStoreWith(other.rule);
  }
}
