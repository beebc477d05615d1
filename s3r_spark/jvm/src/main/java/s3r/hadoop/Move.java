package s3r.hadoop;

/** A file, or a folder with nothing in it, on its way. */
record Move(Place from, Place to, long length, boolean folder) {
  boolean crosses() {
    return !from.sharesStoreWith(to);
  }
}
