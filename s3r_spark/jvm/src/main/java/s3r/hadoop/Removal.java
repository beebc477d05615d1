package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes exactly the names that are listed: what a rule shadows is nobody's here, and stays. */
final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);

  private final Layout layout;
  private final Listing listing;

  Removal(Layout layout, Listing listing) {
    this.layout = layout;
    this.listing = listing;
  }

  /**
   * Deletes a file, or a folder.
   *
   * @param status of the name
   * @return as S3A has it: false for a bucket's root that is not empty
   */
  boolean delete(String key, FileStatus status, boolean recursive) throws IOException {
    if (status.isFile()) {
      return layout.place(key).run((fs, path) -> fs.delete(path, false));
    }
    layout.routes().checkAllBelow(key);
    if (!recursive && !listing.isEmpty(key)) {
      throw new PathIsNotEmptyDirectoryException(layout.path(key).toString());
    }
    if (key.isEmpty() && layout.parts(key).stream().anyMatch(Rule::isIdentity)) {
      boolean empty = listing.isEmpty(key);
      if (!empty) {
        LOG.warn("{} is the root of a bucket, which S3A does not delete", layout.path(key));
      }
      return empty;
    }
    deleteTree(key);
    return true;
  }

  private void deleteTree(String key) throws IOException {
    if (layout.isUniform(key)) {
      Place place = layout.place(key);
      if (place.isStoreRoot()) {
        deleteChildren(place);
      } else {
        place.run((fs, path) -> fs.delete(path, true));
      }
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

  /** S3A refuses to delete a bucket's root. */
  private static void deleteChildren(Place root) throws IOException {
    RemoteIterator<FileStatus> children = root.run((fs, path) -> fs.listStatusIterator(path));
    while (children.hasNext()) {
      Path child = children.next().getPath();
      root.run((fs, path) -> fs.delete(child, true));
    }
  }

  /** Deletes the folders without files that are left of a tree, in all stores that have them. */
  void deleteEmptyFolders(String key) throws IOException {
    for (Rule rule : layout.parts(key)) {
      Place top = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
      try {
        RemoteIterator<S3ALocatedFileStatus> left =
            top.run((fs, path) -> fs.listFilesAndEmptyDirectories(path, true));
        while (left.hasNext()) {
          S3ALocatedFileStatus entry = left.next();
          Path path = entry.getPath();
          if (entry.isDirectory() && !path.isRoot() && layout.isVisible(rule, entry)) {
            deleteIfEmpty(top, path);
          }
        }
      } catch (FileNotFoundException gone) {
        continue;
      }
      if (!top.isStoreRoot()) {
        deleteIfEmpty(top, top.path());
      }
    }
  }

  private static void deleteIfEmpty(Place top, Path path) throws IOException {
    try {
      top.run((fs, ignored) -> fs.delete(path, false));
    } catch (PathIsNotEmptyDirectoryException shadowed) {
      LOG.debug("{} holds names that another profile shadows", path);
    }
  }
}
