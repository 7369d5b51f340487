[[ .Comments ]]# aws_s3_bucket_notification owns the bucket's whole configuration: apply removes rules that are not in it. If the
# bucket has others, add them to the resource, or add the rule to the resource that you have.

resource "aws_sqs_queue" "windlass_dead" {
  name = [[ hcl .Dead ]]
  message_retention_seconds = [[ .Keep ]]
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "windlass" {
  name = [[ hcl .QueueName ]]
  message_retention_seconds = [[ .Keep ]]
  visibility_timeout_seconds = [[ .Hide ]]
  receive_wait_time_seconds = [[ .Wait ]]
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.windlass_dead.arn
    maxReceiveCount = [[ .Receives ]]
  })
[[- if .KMSKeyARN ]]
  kms_master_key_id = [[ hcl .KMSKeyARN ]]
[[- else ]]
  sqs_managed_sse_enabled = true
[[- end ]]
}

resource "aws_sqs_queue_policy" "windlass" {
  queue_url = aws_sqs_queue.windlass.id
  policy = [[ .QueuePolicy.HCL ]]
}
[[ if .TopicPolicy ]]
resource "aws_sns_topic" "windlass" {
  name = [[ hcl .SenderName ]]
}

resource "aws_sns_topic_policy" "windlass" {
  arn = aws_sns_topic.windlass.arn
  policy = [[ .TopicPolicy.HCL ]]
}

resource "aws_sns_topic_subscription" "windlass" {
  topic_arn = aws_sns_topic.windlass.arn
  protocol = "sqs"
  endpoint = aws_sqs_queue.windlass.arn
  raw_message_delivery = true
}
[[ end ]][[ if .Pattern ]]
resource "aws_cloudwatch_event_rule" "windlass" {
  name = [[ hcl .SenderName ]]
  event_pattern = [[ .Pattern.HCL ]]
}

resource "aws_cloudwatch_event_target" "windlass" {
  rule = aws_cloudwatch_event_rule.windlass.name
  arn = aws_sqs_queue.windlass.arn
}
[[ end ]]
resource "aws_iam_role_policy" "windlass_queue" {
  name = [[ hcl .QueuePolicyName ]]
  role = [[ hcl .RoleName ]]
  policy = [[ .Read.HCL ]]
}

resource "aws_s3_bucket_notification" "windlass" {
  bucket = [[ hcl .Bucket ]]
[[- if .Pattern ]]
  eventbridge = true
[[- else ]]
  [[ if .TopicPolicy ]]topic[[ else ]]queue[[ end ]] {
    id = [[ hcl .ID ]]
[[- if .TopicPolicy ]]
    topic_arn = aws_sns_topic.windlass.arn
[[- else ]]
    queue_arn = aws_sqs_queue.windlass.arn
[[- end ]]
    events = [[ "[" ]][[ range $i, $name := .Names ]][[ if $i ]], [[ end ]][[ hcl $name ]][[ end ]][[ "]" ]]
[[- if .Prefix ]]
    filter_prefix = [[ hcl .Prefix ]]
[[- end ]]
[[- if .Suffix ]]
    filter_suffix = [[ hcl .Suffix ]]
[[- end ]]
  }
[[- end ]]
  depends_on = [aws_sqs_queue_policy.windlass[[ if .TopicPolicy ]], aws_sns_topic_policy.windlass[[ end ]]]
}
