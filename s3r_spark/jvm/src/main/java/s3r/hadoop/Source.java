package s3r.hadoop;

import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;

/**
 * What is to be renamed.
 *
 * @param file its status; null: it is a folder
 * @param entries all files of the folder, and the folders that have nothing in them; null: it is a
 *     file
 */
record Source(Name name, FileStatus file, RemoteIterator<S3ALocatedFileStatus> entries) {
  boolean isFile() {
    return file != null;
  }
}
