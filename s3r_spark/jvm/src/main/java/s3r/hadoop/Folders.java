package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.permission.FsPermission;

/** Makes folders, and keeps those that what was in them is gone from. */
final class Folders {
  private final Layout layout;
  private final Listing listing;
  private final Lookup lookup;

  Folders(Layout layout, Listing listing, Lookup lookup) {
    this.layout = layout;
    this.listing = listing;
    this.lookup = lookup;
  }

  /** Makes a folder and those above it where they aren't there yet. */
  boolean make(Name name, FsPermission permission) throws IOException {
    Place place = layout.place(name);
    boolean made = place.run((fs, path) -> fs.mkdirs(path, permission));
    // S3A marks none where it finds names below, which may all be others'
    if (made
        && !name.isUniform()
        && !place.isStoreRoot()
        && !listing.shows(place.rule(), name.key())) {
      place.does(StoreFileSystem::markFolder);
    }
    return made;
  }

  /** Marks the parent of what is gone, as S3A does, where it was there by that alone. */
  void keepParent(Name name) throws IOException {
    Name parent = layout.parent(name);
    if (parent.folder() == null || parent.key().isEmpty()) {
      return;
    }
    Place place = layout.place(parent);
    if (!place.isStoreRoot() && !place.rule().readOnly && !lookup.isFolder(parent)) {
      place.does(StoreFileSystem::markFolder);
    }
  }
}
