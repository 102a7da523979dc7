"""A small program with one of everything that a recorder must get right."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()


class Far(pulumi.ComponentResource):
    """A component that its provider constructs."""

    size: pulumi.Output[int]
    address: pulumi.Output[str]

    def __init__(self, name: str) -> None:
        super().__init__("far:index:Far", name, {"size": 3, "address": None}, None, True)


class Shop(pulumi.ComponentResource):
    """A component with children."""

    def __init__(
        self, name: str, greeting: str, bucket: aws.s3.Bucket, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("toy:shop:Shop", name, {"greeting": greeting, "bucket": bucket}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.role = aws.iam.Role(f"{name}-role", assume_role_policy=json.dumps({"Statement": []}), opts=child)
        self.parameter = aws.ssm.Parameter(
            f"{name}-token", name="/toy/token", type="SecureString", value=config.get_secret("token"), opts=child
        )
        self.task = aws.ecs.TaskDefinition(
            f"{name}-task",
            family=name,
            task_role_arn=self.role.arn,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            container_definitions=json.dumps(
                [
                    {
                        "name": name,
                        "image": "toy:1",
                        "user": config.get("user") or "10001:10001",
                        "readonlyRootFilesystem": True,
                        "linuxParameters": {"capabilities": {"drop": ["ALL"]}},
                        "logConfiguration": {"logDriver": "awslogs"},
                    }
                ]
            ),
            opts=child,
        )
        self.register_outputs({"task": self.task.arn})


match config.get("fail"):
    case "raise":
        raise ValueError("the shop is closed")
    case "settings":
        import settings

        raise settings.SettingsError("toy:replicas: -1 is below 0\n  allowed: 0 to 10\n  example: 2")
    case "transform":
        pulumi.runtime.register_resource_transform(lambda args: None)
    case "twice":
        aws.s3.Bucket("bucket")
    case "apply":
        aws.s3.Bucket("early").urn.apply(lambda _: 1 / 0)
    case "exit":
        raise SystemExit(3)
    case "missing":
        config.require("nowhere")
    case "lookup":
        aws.ssm.get_parameter(name="/aws/service/ami")

print("a program may print")
account = aws.get_caller_identity().account_id
zones = aws.get_availability_zones(state="available").names
bucket = aws.s3.Bucket("bucket", tags={"zones": ",".join(zones), "sizes": config.get("sizes") or ""})
far = aws.Provider("far", region="us-east-1")
alarm = aws.sns.Topic("alarm", name="alarm", opts=pulumi.ResourceOptions(provider=far, protect=True))
far_region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(provider=far)).region
shop = Shop("shop", config.require("greeting"), bucket, pulumi.ResourceOptions(depends_on=[bucket]))
queue = aws.sqs.Queue(
    "queue",
    name=shop.task.arn.apply(lambda arn: arn.rsplit("/", 1)[-1]),
    visibility_timeout_seconds=config.require_int("replicas"),
    delay_seconds=1.0,
    kms_master_key_id=shop.task.family.apply(lambda family: f"alias/{family}"),
    opts=pulumi.ResourceOptions(ignore_changes=["delay_seconds"], depends_on=[shop]),
)
function = aws.lambda_.Function(
    "function",
    role=shop.role.arn,
    code=pulumi.AssetArchive({"index.py": pulumi.StringAsset("pass"), "lib": pulumi.FileArchive("./lib")}),
)
remote = Far("remote")
opened = pulumi.runtime.call("far:index:Far/open", {}, remote)
aws.ec2.Vpc.get("old", "vpc-1")
pulumi.warn("the shop has no door", bucket)
pulumi.export("account", account)
pulumi.export("url", pulumi.Output.concat("https://", queue.url))
pulumi.export("token", config.get_secret("token"))
pulumi.export("places", {"far": far_region, "zones": zones, "service": config.get_object("service")})
pulumi.export("bucket", bucket.id)
pulumi.export("remote", {"size": remote.size, "address": remote.address, "opened": opened})
