from __future__ import annotations

import botocore.session
import pytest

from s3r_spark.boto.operations import Kind, operation

MODEL = botocore.session.Session().get_service_model("s3")
KEY = """
AbortMultipartUpload CompleteMultipartUpload CreateMultipartUpload DeleteObject
DeleteObjectAnnotation DeleteObjectTagging GetObject GetObjectAcl GetObjectAnnotation
GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent
HeadObject ListObjectAnnotations ListParts PutObject PutObjectAcl PutObjectAnnotation
PutObjectLegalHold PutObjectRetention PutObjectTagging RestoreObject SelectObjectContent
UpdateObjectEncryption UploadPart
"""
READS_BUCKET = """
CreateSession GetBucketAbac GetBucketAccelerateConfiguration GetBucketAcl
GetBucketAnalyticsConfiguration GetBucketCors GetBucketEncryption
GetBucketIntelligentTieringConfiguration GetBucketInventoryConfiguration GetBucketLifecycle
GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging GetBucketMetadataConfiguration
GetBucketMetadataTableConfiguration GetBucketMetricsConfiguration GetBucketNotification
GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy
GetBucketPolicyStatus GetBucketReplication GetBucketRequestPayment GetBucketTagging
GetBucketVersioning GetBucketWebsite GetObjectLockConfiguration GetPublicAccessBlock HeadBucket
ListBucketAnalyticsConfigurations ListBucketIntelligentTieringConfigurations
ListBucketInventoryConfigurations ListBucketMetricsConfigurations
"""
CHANGES_BUCKET = """
CreateBucket CreateBucketMetadataConfiguration CreateBucketMetadataTableConfiguration DeleteBucket
DeleteBucketAnalyticsConfiguration DeleteBucketCors DeleteBucketEncryption
DeleteBucketIntelligentTieringConfiguration DeleteBucketInventoryConfiguration
DeleteBucketLifecycle DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration
DeleteBucketMetricsConfiguration DeleteBucketOwnershipControls DeleteBucketPolicy
DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite DeletePublicAccessBlock
PutBucketAbac PutBucketAccelerateConfiguration PutBucketAcl PutBucketAnalyticsConfiguration
PutBucketCors PutBucketEncryption PutBucketIntelligentTieringConfiguration
PutBucketInventoryConfiguration PutBucketLifecycle PutBucketLifecycleConfiguration
PutBucketLogging PutBucketMetricsConfiguration PutBucketNotification
PutBucketNotificationConfiguration PutBucketOwnershipControls PutBucketPolicy
PutBucketReplication PutBucketRequestPayment PutBucketTagging PutBucketVersioning
PutBucketWebsite PutObjectLockConfiguration PutPublicAccessBlock
UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration
UpdateBucketMetadataJournalTableConfiguration
"""
CLASSED: dict[str, tuple[Kind, bool]] = {
    **{
        name: (Kind.KEY, not name.startswith(("Get", "Head", "List", "Select")))
        for name in KEY.split()
    },
    **dict.fromkeys(READS_BUCKET.split(), (Kind.BUCKET, False)),
    **dict.fromkeys(CHANGES_BUCKET.split(), (Kind.BUCKET, True)),
    **dict.fromkeys(
        ("ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads"),
        (Kind.PREFIX, False),
    ),
    "DeleteObjects": (Kind.MANY, True),
    **dict.fromkeys(("CopyObject", "UploadPartCopy", "RenameObject"), (Kind.TWO, True)),
    **dict.fromkeys(
        ("ListBuckets", "ListDirectoryBuckets", "WriteGetObjectResponse"), (Kind.ACCOUNT, False)
    ),
}


@pytest.mark.parametrize("name", MODEL.operation_names)
def test_every_operation_of_botocore_is_classed(name: str) -> None:
    """One that is missing here is new: look at what it names, and add it."""
    assert tuple(operation(MODEL.operation_model(name))) == CLASSED[name]
