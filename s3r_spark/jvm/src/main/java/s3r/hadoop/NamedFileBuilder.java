package s3r.hadoop;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.CallableRaisingIOE;

/** What a file is to be made with, for its store's own builder. */
final class NamedFileBuilder
    extends FSDataOutputStreamBuilder<FSDataOutputStream, NamedFileBuilder> {
  private final CallableRaisingIOE<Place> place;

  /**
   * A builder.
   *
   * @param place where the file may be written; asked when it is built, where errors belong
   */
  NamedFileBuilder(FileSystem fs, Path file, CallableRaisingIOE<Place> place) {
    super(fs, file);
    this.place = place;
    create().overwrite(true); // as S3A's own begins
  }

  @Override
  public NamedFileBuilder getThisBuilder() {
    return this;
  }

  @Override
  public FSDataOutputStream build() throws IOException {
    return NamedOutput.open(place.apply(), (fs, path) -> told(fs.createFile(path)).build());
  }

  private FSDataOutputStreamBuilder<?, ?> told(FSDataOutputStreamBuilder<?, ?> store) {
    if (getFlags().contains(CreateFlag.CREATE)) {
      store.create();
    }
    if (getFlags().contains(CreateFlag.APPEND)) {
      store.append();
    }
    store.overwrite(getFlags().contains(CreateFlag.OVERWRITE));
    if (isRecursive()) {
      store.recursive();
    }
    if (getPermission() != null) {
      store.permission(getPermission());
    }
    if (getProgress() != null) {
      store.progress(getProgress());
    }
    Configuration options = getOptions();
    getOptionalKeys().forEach(key -> store.opt(key, options.get(key)));
    getMandatoryKeys().forEach(key -> store.must(key, options.get(key)));
    return store;
  }
}
