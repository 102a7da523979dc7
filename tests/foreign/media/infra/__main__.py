"""Three worlds in one program: S3 and Lambda, a queue, and Kubernetes; a module of its own beside it."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pulumi_random as random
from site_files import Site

config = pulumi.Config()
stack = pulumi.get_stack()
account = aws.get_caller_identity_output().account_id
suffix = random.RandomId("suffix", byte_length=4)

uploads = aws.s3.BucketV2("uploads", bucket=suffix.hex.apply(lambda text: f"media-{stack}-{text}"), force_destroy=True)
aws.s3.BucketVersioningV2("uploads", bucket=uploads.id, versioning_configuration={"status": "Enabled"})
queue = aws.sqs.Queue("jobs", visibility_timeout_seconds=120)
role = aws.iam.Role(
    "thumbnailer",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
            ],
        }
    ),
)
aws.iam.RolePolicy(
    "thumbnailer",
    role=role.id,
    policy=aws.iam.get_policy_document_output(
        statements=[
            {"actions": ["s3:GetObject", "s3:PutObject"], "resources": [uploads.arn.apply(lambda arn: f"{arn}/*")]}
        ]
    ).json,
)
function = aws.lambda_.Function(
    "thumbnailer",
    runtime="python3.13",
    handler="handler.main",
    role=role.arn,
    memory_size=512,
    timeout=60,
    code=pulumi.AssetArchive({".": pulumi.FileArchive("./function")}),
    environment={"variables": {"BUCKET": uploads.bucket, "ACCOUNT": account}},
)
permission = aws.lambda_.Permission(
    "s3", action="lambda:InvokeFunction", function=function.name, principal="s3.amazonaws.com", source_arn=uploads.arn
)
aws.s3.BucketNotification(
    "uploads",
    bucket=uploads.id,
    lambda_functions=[{"lambda_function_arn": function.arn, "events": ["s3:ObjectCreated:*"]}],
    opts=pulumi.ResourceOptions(depends_on=[permission]),
)
aws.lambda_.EventSourceMapping("jobs", event_source_arn=queue.arn, function_name=function.arn)
aws.scheduler.Schedule(
    "nightly",
    flexible_time_window={"mode": "OFF"},
    schedule_expression="rate(1 day)",
    target={"arn": function.arn, "role_arn": role.arn},
)
aws.kms.Key("key", description="Uploads")

provider = k8s.Provider("cluster", kubeconfig=config.require_secret("kubeconfig"))
on_cluster = pulumi.ResourceOptions(provider=provider)
namespace = k8s.core.v1.Namespace("media", metadata={"name": "media"}, opts=on_cluster)
labels = {"app": "front"}
deployment = k8s.apps.v1.Deployment(
    "front",
    metadata={"namespace": namespace.metadata.name},
    spec={
        "replicas": config.require_int("replicas"),
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "containers": [
                    {
                        "name": "front",
                        "image": "nginx",
                        "ports": [{"containerPort": 80}],
                        "env": [{"name": "QUEUE", "value": queue.url}],
                    }
                ]
            },
        },
    },
    opts=on_cluster,
)
service = k8s.core.v1.Service(
    "front",
    metadata={"namespace": namespace.metadata.name},
    spec={"selector": labels, "ports": [{"port": 80}], "type": "LoadBalancer"},
    opts=on_cluster,
)
k8s.helm.v3.Release(
    "ingress",
    chart="ingress-nginx",
    namespace="ingress",
    create_namespace=True,
    repository_opts={"repo": "https://kubernetes.github.io/ingress-nginx"},
    opts=on_cluster,
)
site = Site("site", deployment.metadata.name)

pulumi.export("bucket", uploads.bucket)
pulumi.export("front", service.status.apply(lambda status: status and status.load_balancer.ingress[0].hostname))
pulumi.export("site", site.domain)
