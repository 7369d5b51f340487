package generate

// BucketPolicy returns the policy of one bucket that grants the need to one
// principal, indented. Every location must be in the bucket. A need with KMS
// keys is rejected, because only a key's own policy can grant access to it.
func BucketPolicy(bucket, principalARN string, need Need) ([]byte, error) {
	partition, err := need.Partition.Normalize()
	if err != nil {
		return nil, err
	}
	if err := checkPrincipal("principal_arn", principalARN, partition); err != nil {
		return nil, err
	}
	if len(need.KMSKeyARNs) > 0 {
		return nil, invalid("kms_key_arns", need.KMSKeyARNs[0],
			"a bucket policy can't grant access to a KMS key: name the principal in the key's policy")
	}
	for _, l := range need.Locations {
		if l.Bucket != bucket {
			return nil, invalid(
				"locations",
				l.String(),
				"a policy of bucket %s can't have resources of another bucket",
				bucket,
			)
		}
	}
	statements, err := need.statements(&principals{AWS: principalARN})
	if err != nil {
		return nil, err
	}
	return newDocument(statements...).pretty()
}
