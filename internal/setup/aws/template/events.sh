[[ .Comments ]]set -eu

# The dead-letter queue and the queue
dead=$(aws sqs create-queue --region [[ .Region ]] --queue-name [[ shell .Dead ]] --query QueueUrl --output text)
aws sqs set-queue-attributes --region [[ .Region ]] \
  --queue-url "$dead" \
  --attributes [[ shell .DeadAttributes ]]
queue=$(aws sqs create-queue --region [[ .Region ]] --queue-name [[ shell .QueueName ]] --query QueueUrl --output text)
aws sqs set-queue-attributes --region [[ .Region ]] \
  --queue-url "$queue" \
  --attributes [[ shell .Attributes ]]
[[ if .TopicPolicy ]]
# The topic and its subscription
aws sns create-topic --region [[ .BucketRegion ]] --name [[ shell .SenderName ]]
aws sns set-topic-attributes --region [[ .BucketRegion ]] \
  --topic-arn [[ shell .Sender ]] \
  --attribute-name Policy \
  --attribute-value [[ shell (.TopicPolicy.JSON "") ]]
aws sns subscribe --region [[ .BucketRegion ]] \
  --topic-arn [[ shell .Sender ]] \
  --protocol sqs \
  --notification-endpoint [[ shell .QueueARN ]] \
  --attributes RawMessageDelivery=true
[[ end ]][[ if .Pattern ]]
# The rule and its target
aws events put-rule --region [[ .BucketRegion ]] \
  --name [[ shell .SenderName ]] \
  --event-pattern [[ shell (.Pattern.JSON "") ]]
aws events put-targets --region [[ .BucketRegion ]] \
  --rule [[ shell .SenderName ]] \
  --targets [[ shell .Targets ]]
[[ end ]]
# The role's permission policy, with the queue
aws iam put-role-policy \
  --role-name [[ shell .RoleName ]] \
  --policy-name [[ shell .PolicyName ]] \
  --policy-document [[ shell (.Access.JSON "") ]]

# The bucket's notification, to which a rule is added
configuration=$(aws s3api get-bucket-notification-configuration \
  --bucket [[ shell .Bucket ]] \
  --output json \
  --query [[ shell .Merge ]])
aws s3api put-bucket-notification-configuration \
  --bucket [[ shell .Bucket ]] \
  --notification-configuration "$configuration"
