package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

  /**
   * Deletes the folders without files that are left of a tree, in all stores that have them.
   *
   * <p>Deleting the last name of a folder makes S3A mark its parent as one, so that each is
   * followed upwards.
   */
  void deleteEmptyFolders(String key) throws IOException {
    for (Rule rule : layout.parts(key)) {
      Place top = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
      List<Path> empty = new ArrayList<>(List.of(top.path()));
      try {
        RemoteIterator<S3ALocatedFileStatus> left =
            top.run((fs, path) -> fs.listFilesAndEmptyDirectories(path, true));
        while (left.hasNext()) {
          S3ALocatedFileStatus entry = left.next();
          if (entry.isDirectory() && layout.isVisible(rule, entry)) {
            empty.add(0, entry.getPath());
          }
        }
      } catch (FileNotFoundException gone) {
        continue;
      }
      for (Path path : empty) {
        deleteUpwards(top, path);
      }
    }
  }

  private void deleteUpwards(Place top, Path folder) throws IOException {
    try {
      for (Path path = folder; !path.isRoot(); path = path.getParent()) {
        Path each = path;
        top.run((fs, ignored) -> fs.delete(each, false));
        if (path.equals(top.path())) {
          return;
        }
      }
    } catch (PathIsNotEmptyDirectoryException notEmpty) {
      LOG.debug("{} has names left in it, of others or that are shadowed", folder);
    }
  }
}
