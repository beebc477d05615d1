package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.Path;

/**
 * Where a logical name really is.
 *
 * @param rule the rule that took it
 * @param logical the logical path
 * @param fs the file system of the rule's client
 * @param path the path there
 */
record Place(Rule rule, Path logical, StoreFileSystem fs, Path path) {

  /** What is to be done at a place. */
  @FunctionalInterface
  interface Action<T> {
    T on(StoreFileSystem fs, Path path) throws IOException;
  }

  /** Does something there; its errors name the logical path and the client. */
  <T> T run(Action<T> action) throws IOException {
    try {
      return action.on(fs, path);
    } catch (IOException error) {
      throw Errors.named(error, logical, rule.client);
    }
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
