"""A web application on Fargate: flat, without components, and with much that Berth's own program does not use."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
image = config.require("image")
count = config.require_int("desired_count")

# The account's default network, as most examples take it.
vpc = aws.ec2.get_vpc(default=True)
subnets = aws.ec2.get_subnets(filters=[aws.ec2.GetSubnetsFilterArgs(name="vpc-id", values=[vpc.id])])

cluster = aws.ecs.Cluster("cluster")
group = aws.ec2.SecurityGroup(
    "web-secgrp",
    vpc_id=vpc.id,
    description="Enable HTTP access",
    ingress=[{"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_blocks": ["0.0.0.0/0"]}],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
)
alb = aws.lb.LoadBalancer("app-lb", security_groups=[group.id], subnets=subnets.ids)
target = aws.lb.TargetGroup("app-tg", port=80, protocol="HTTP", target_type="ip", vpc_id=vpc.id)
listener = aws.lb.Listener(
    "web", load_balancer_arn=alb.arn, port=80, default_actions=[{"type": "forward", "target_group_arn": target.arn}]
)

assume = aws.iam.get_policy_document(
    statements=[
        {"actions": ["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": ["ecs-tasks.amazonaws.com"]}]}
    ]
)
role = aws.iam.Role("task-exec-role", assume_role_policy=assume.json)
aws.iam.RolePolicyAttachment(
    "task-exec-policy",
    role=role.name,
    policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
)

cache = aws.elasticache.ReplicationGroup(
    "cache", description="Sessions", node_type="cache.t4g.micro", num_cache_clusters=2, automatic_failover_enabled=True
)
database = aws.rds.Instance(
    "db",
    engine="postgres",
    instance_class="db.t4g.micro",
    allocated_storage=20,
    username="app",
    password=config.require_secret("db_password"),
    skip_final_snapshot=True,
    vpc_security_group_ids=[group.id],
)
sessions = aws.dynamodb.Table(
    "sessions",
    billing_mode="PAY_PER_REQUEST",
    hash_key="id",
    attributes=[{"name": "id", "type": "S"}],
)

logs = aws.cloudwatch.LogGroup("app-logs")
task = aws.ecs.TaskDefinition(
    "app-task",
    family="fargate-task-definition",
    cpu="256",
    memory="512",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    execution_role_arn=role.arn,
    container_definitions=pulumi.Output.all(cache.primary_endpoint_address, database.address, logs.name).apply(
        lambda found: json.dumps(
            [
                {
                    "name": "my-app",
                    "image": image,
                    "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
                    "environment": [{"name": "CACHE", "value": found[0]}, {"name": "DB", "value": found[1]}],
                    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": found[2]}},
                }
            ]
        )
    ),
)
service = aws.ecs.Service(
    "app-svc",
    cluster=cluster.arn,
    desired_count=count,
    launch_type="FARGATE",
    task_definition=task.arn,
    network_configuration={"assign_public_ip": True, "subnets": subnets.ids, "security_groups": [group.id]},
    load_balancers=[{"target_group_arn": target.arn, "container_name": "my-app", "container_port": 80}],
    opts=pulumi.ResourceOptions(depends_on=[listener]),
)
scaling = aws.appautoscaling.Target(
    "scaling",
    min_capacity=count,
    max_capacity=10,
    resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
    scalable_dimension="ecs:service:DesiredCount",
    service_namespace="ecs",
)

zone = aws.route53.Zone("zone", name="shop.example.com")
certificate = aws.acm.Certificate("cert", domain_name="shop.example.com", validation_method="DNS")
aws.route53.Record(
    "www",
    zone_id=zone.zone_id,
    name="www",
    type="A",
    aliases=[{"name": alb.dns_name, "zone_id": alb.zone_id, "evaluate_target_health": True}],
)
alerts = aws.sns.Topic("alerts")
aws.cloudwatch.MetricAlarm(
    "busy",
    comparison_operator="GreaterThanThreshold",
    evaluation_periods=2,
    metric_name="CPUUtilization",
    namespace="AWS/ECS",
    period=60,
    statistic="Average",
    threshold=80,
    dimensions={"ClusterName": cluster.name, "ServiceName": service.name},
    alarm_actions=[alerts.arn],
)

pulumi.export("url", alb.dns_name)
pulumi.export("database", database.endpoint)
