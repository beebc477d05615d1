package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.RemoteIterator;
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
      return layout.place(key).run((fs, path) -> fs.delete(path, false));
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
      return;
    }
    RemoteIterator<FileStatus> children = listing.children(key);
    while (children.hasNext()) {
      FileStatus child = children.next();
      String name = layout.key(child.getPath());
      if (child.isDirectory()) {
        deleteTree(name);
      } else {
        layout.place(name).run((fs, path) -> fs.delete(path, false));
      }
    }
    deleteEmptyFolders(key);
  }

  /** Deletes the folders without files that are left of a tree, in all stores that have them. */
  void deleteEmptyFolders(String key) throws IOException {
    for (Rule rule : layout.parts(key)) {
      Place top = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
      top.does(
          (fs, path) ->
              fs.deleteFolder(path, entry -> entry.isDirectory() && layout.isVisible(rule, entry)));
    }
  }
}
