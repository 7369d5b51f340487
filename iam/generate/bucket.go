package generate

// BucketPolicy is the policy of one bucket that gives one principal the need,
// pretty-printed. Every location must be in that bucket. KMS keys are not a
// bucket's to give: their own key policies must name the principal, so a need
// with keys is refused.
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
			"a bucket policy cannot open a KMS key: name the principal in the key's own policy")
	}
	for _, l := range need.Locations {
		if l.Bucket != bucket {
			return nil, invalid("locations", l.String(), "a policy of bucket %s cannot speak of another bucket", bucket)
		}
	}
	statements, err := need.statements(&principals{AWS: principalARN})
	if err != nil {
		return nil, err
	}
	return newDocument(statements...).pretty()
}
