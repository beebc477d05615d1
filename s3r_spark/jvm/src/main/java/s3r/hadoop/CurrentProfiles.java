package s3r.hadoop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileLocation;
import software.amazon.awssdk.profiles.ProfileProperty;

/**
 * The AWS files of this machine as they are now.
 *
 * <p>The SDK's own supplier takes a file for new if it was written after it was last read, by the
 * clock: it misses one that was prepared before, and keeps one that it caught half written.
 */
final class CurrentProfiles implements Supplier<ProfileFile> {
  private final List<Path> files;
  private final Supplier<ProfileFile> reader;
  private final String name;
  private String state;
  private ProfileFile profiles;

  private CurrentProfiles(List<Path> files, Supplier<ProfileFile> reader, String name) {
    this.files = files;
    this.reader = reader;
    this.name = name;
  }

  /** The credentials and the configuration file, wherever variables and properties say. */
  static CurrentProfiles ofThisMachine(String name) {
    List<Path> files =
        List.of(
            ProfileFileLocation.credentialsFilePath(), ProfileFileLocation.configurationFilePath());
    return new CurrentProfiles(files, ProfileFile::defaultProfileFile, name);
  }

  /** One credentials file. */
  static CurrentProfiles of(Path file, String name) {
    Supplier<ProfileFile> reader =
        () -> ProfileFile.builder().content(file).type(ProfileFile.Type.CREDENTIALS).build();
    return new CurrentProfiles(List.of(file), reader, name);
  }

  /** The files; where the profile is gone from them, or half written, as they were before. */
  @Override
  public synchronized ProfileFile get() {
    String now = files.stream().map(CurrentProfiles::state).collect(Collectors.joining());
    if (profiles == null || !now.equals(state)) {
      ProfileFile fresh;
      try {
        fresh = reader.get();
      } catch (RuntimeException unreadable) {
        if (profiles == null) {
          throw unreadable;
        }
        return profiles;
      }
      if (profiles != null && hasKeys(profiles) && !hasKeys(fresh)) {
        return profiles; // and look again at the next request
      }
      profiles = fresh;
      state = now;
    }
    return profiles;
  }

  /** Whether the profile says how to get keys, and not only a half of them. */
  private boolean hasKeys(ProfileFile of) {
    Optional<Profile> profile = of.profile(name);
    return profile.isPresent()
        && profile.get().property(ProfileProperty.AWS_ACCESS_KEY_ID).isPresent()
            == profile.get().property(ProfileProperty.AWS_SECRET_ACCESS_KEY).isPresent();
  }

  private static String state(Path file) {
    try {
      BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
      return is.lastModifiedTime() + " " + is.size() + " " + is.fileKey() + "\n";
    } catch (IOException gone) {
      return "-\n";
    }
  }
}
