package s3r.hadoop;

import org.apache.hadoop.fs.PathIOException;

/**
 * What the rules say of one name: made once for a path, and handed on.
 *
 * <p>A name may be a file's, or a folder's. Nearly always that is one place. Where a wildcard makes
 * the difference, as for {@code raw/2024-01.csv} and {@code raw/2024-*}{@code /*}, a file of the
 * name lies where those have it who know no folders, as boto3.
 *
 * @param key the name, without a slash at either end
 * @param folder the rule that has it where it is a folder; null: none, or Spark may not use it
 * @param file the rule that has it where it is a file; null: it can only be a folder
 * @param refusal why it has no folder's rule; null: it has one
 * @param isUniform whether all names below it are the folder's rule's
 */
record Name(String key, Rule folder, Rule file, PathIOException refusal, boolean isUniform) {
  /**
   * The rule that it goes by as a folder.
   *
   * @throws PathIOException there is none
   */
  Rule owner() throws PathIOException {
    if (folder == null) {
      refusal.fillInStackTrace();
      throw refusal;
    }
    return folder;
  }

  /** Whether only a folder can have it, as that of a routed folder. */
  boolean isFolderOnly() {
    return folder != null && file == null;
  }

  /** Whether a file of this name is another rule's than a folder. */
  boolean isTwofold() {
    return folder != null && file != null && file != folder;
  }
}
