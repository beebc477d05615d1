package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.apache.hadoop.util.functional.FunctionRaisingIOE;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes exactly the names that are listed: what a rule shadows is nobody's here, and stays. */
final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);

  private final Layout layout;
  private final Listing listing;
  private final Folders folders;

  Removal(Layout layout, Listing listing, Folders folders) {
    this.layout = layout;
    this.listing = listing;
    this.folders = folders;
  }

  /**
   * Deletes a file, or a folder.
   *
   * @param status of the name
   * @return false for the root of the logical bucket: like S3A's it stays, with all that is in it
   */
  boolean delete(String key, FileStatus status, boolean recursive) throws IOException {
    if (key.isEmpty()) {
      LOG.warn("{} is the root of a bucket, which is never deleted", layout.path(key));
      return false;
    }
    if (status.isFile()) {
      return layout.placeAsFile(key).run((fs, path) -> fs.delete(path, false));
    }
    layout.routes().checkAllBelow(key);
    if (!recursive && !listing.isEmpty(key)) {
      throw new PathIsNotEmptyDirectoryException(layout.path(key).toString());
    }
    deleteTree(key);
    folders.keepParent(key);
    return true;
  }

  private void deleteTree(String key) throws IOException {
    if (layout.isUniform(key)) {
      layout.place(key).does(StoreFileSystem::deleteFolder);
    } else {
      deleteIf(key, entry -> true);
    }
  }

  /**
   * Deletes of a folder what is wanted of its files and of the folders that have nothing in them,
   * as each store lists them, page by page.
   */
  void deleteIf(String key, FunctionRaisingIOE<S3ALocatedFileStatus, Boolean> wanted)
      throws IOException {
    for (Rule rule : layout.parts(key)) {
      Place top = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
      top.does(
          (fs, path) ->
              fs.deleteFolder(
                  path,
                  entry ->
                      layout.isVisible(rule, entry) && wanted.apply(layout.logical(rule, entry))));
    }
  }
}
