"""AWS Copilot: the folder ``copilot/`` with its workloads, environments, addons and pipelines.

The keys are those of the manifests' documentation (https://aws.github.io/copilot-cli/docs/manifest/overview/) and of
``internal/pkg/manifest`` in https://github.com/aws/copilot-cli, whose last version is v1.34.
"""
