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
  boolean make(String key, FsPermission permission) throws IOException {
    Place place = layout.place(key);
    boolean made = place.run((fs, path) -> fs.mkdirs(path, permission));
    // S3A marks none where it finds names below, which may all be others'
    if (made
        && !layout.isUniform(key)
        && !place.isStoreRoot()
        && !listing.shows(place.rule(), key)) {
      place.does(StoreFileSystem::markFolder);
    }
    return made;
  }

  /** Marks the parent of what is gone, as S3A does, where it was there by that alone. */
  void keepParent(String key) throws IOException {
    String parent = key.substring(0, Math.max(0, key.lastIndexOf('/')));
    if (!parent.isEmpty() && lookup.isOwned(parent) && lookup.statusOrNull(parent) == null) {
      Place place = layout.place(parent);
      if (!place.isStoreRoot() && !place.rule().readOnly) {
        place.does(StoreFileSystem::markFolder);
      }
    }
  }
}
