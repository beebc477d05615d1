package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.s3a.S3AFileStatus;
import org.apache.hadoop.util.functional.FunctionRaisingIOE;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes exactly the names that are listed: what a rule shadows is nobody's here, and stays. */
final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);

  private final Layout layout;
  private final Lookup lookup;
  private final Listing listing;
  private final Folders folders;

  Removal(Layout layout, Lookup lookup, Listing listing, Folders folders) {
    this.layout = layout;
    this.lookup = lookup;
    this.listing = listing;
    this.folders = folders;
  }

  /**
   * Deletes a file, or a folder.
   *
   * @return false: there is none; or it is the root of the logical bucket, which stays like S3A's,
   *     with all that is in it
   */
  boolean delete(Name name, boolean recursive) throws IOException {
    if (name.key().isEmpty()) {
      LOG.warn("{} is the root of a bucket, which is never deleted", layout.path(""));
      return false;
    }
    if (lookup.fileOrNull(name) != null) {
      layout.placeAsFile(name).does(StoreFileSystem::deleteFile);
    } else if (!deleteFolder(name, recursive)) {
      return false;
    }
    folders.keepParent(name);
    return true;
  }

  private boolean deleteFolder(Name name, boolean recursive) throws IOException {
    layout.routes().checkAllBelow(name.key());
    if (!recursive) {
      if (!lookup.isFolder(name)) {
        return false;
      }
      if (!listing.isEmpty(name)) {
        throw new PathIsNotEmptyDirectoryException(layout.path(name.key()).toString());
      }
    }
    boolean isStoreRoot = name.folder() != null && layout.isStoreRoot(name);
    return deleteIf(name, entry -> true) > 0 || isStoreRoot; // S3A says that that is always there
  }

  /**
   * Deletes of a folder what is wanted of its files and of the folders that have nothing in them,
   * as each store lists them, page by page.
   *
   * @return how many were deleted
   */
  int deleteIf(Name name, FunctionRaisingIOE<S3AFileStatus, Boolean> wanted) throws IOException {
    int deleted = 0;
    try (Ahead<Rule, Listing.Part> parts = listing.parts(name)) {
      while (parts.hasNext()) {
        Listing.Part part = parts.next();
        Rule rule = part.top().rule();
        deleted +=
            part.top()
                .run(
                    (fs, path) ->
                        fs.deleteFolder(
                            path,
                            part.entries(),
                            entry ->
                                layout.isVisible(rule, entry)
                                    && wanted.apply(layout.logical(rule, entry))));
      }
    }
    return deleted;
  }
}
