package s3r.hadoop;

/**
 * What keeps a store open: whoever can still use it has this, be it a router, a stream, a listing
 * or a committer, and nobody closes it as idle before they are all gone.
 */
final class Lease {
  private final StoreFileSystem store;

  Lease(StoreFileSystem store) {
    this.store = store;
  }

  StoreFileSystem store() {
    return store;
  }
}
