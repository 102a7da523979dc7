"""Renewing a price list, from small made-up files in the form of AWS's."""

from __future__ import annotations

import contextlib
import datetime
import io
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TextIO

import pytest

from berth.cost.pricelist import DIRECTORY, PriceError, load_prices
from berth.cost.refresh import Opener, dumps, refresh, summary

DAY = datetime.date(2027, 3, 4)
COLUMNS = "SKU,TermType,StartingRange,PricePerUnit,Currency,usageType,operation,Database Engine"
HEAD = "\n".join(['"FormatVersion","v1.0"', '"Disclaimer","x, y"', "a,b", "c,d", "e,f", COLUMNS])

ECS = """
S1,OnDemand,0,0.0444000000,USD,CAN1-Fargate-vCPU-Hours:perCPU,,
S2,OnDemand,0,0.0130000000,USD,CAN1-SpotUsage:Fargate-vCPU-Hours:perCPU,,
S3,Reserved,0,0.0100000000,USD,CAN1-Fargate-vCPU-Hours:perCPU,,
S4,OnDemand,0,0.0048650000,USD,CAN1-Fargate-GB-Hours,,
"""
ELB = """
S1,OnDemand,0,0.0250000000,USD,CAN1-LoadBalancerUsage,LoadBalancing:Application,
S2,OnDemand,0,0.0055000000,USD,CAN1-TS-LoadBalancerUsage,LoadBalancing:Application,
S3,OnDemand,0,0.0260000000,USD,CAN1-LoadBalancerUsage,LoadBalancing:Network,
"""
EC2 = """
S1,OnDemand,0,0.0088000000,USD,CAN1-LCUUsage,LoadBalancing:Application,
S2,OnDemand,0,9.0000000000,USD,CAN1-LoadBalancerUsage,LoadBalancing:Application,
S3,OnDemand,0,0.0232000000,USD,CAN1-BoxUsage:t3.small,RunInstances,
S4,OnDemand,0,0.0416000000,USD,CAN1-BoxUsage:t3.small,RunInstances:0002,
S5,OnDemand,0,0.0800000000,USD,CAN1-EBS:VolumeUsage.gp3,,
S6,OnDemand,0,0.0900000000,USD,CAN1-EBS:VolumeUsage.gp3,,
"""
API = """
S1,OnDemand,0,0.0000011100,USD,CAN1-ApiGatewayHttpRequest,,
S2,OnDemand,300000000,0.0000010000,USD,CAN1-ApiGatewayHttpRequest,,
"""
RDS = """
S1,OnDemand,0,0.0180000000,USD,CAN1-InstanceUsage:db.t4g.micro,CreateDBInstance:0014,PostgreSQL
S2,OnDemand,0,0.0990000000,USD,CAN1-InstanceUsage:db.t4g.micro,CreateDBInstance:0002,MySQL
S3,OnDemand,0,0.0360000000,USD,CAN1-Multi-AZUsage:db.t4g.micro,CreateDBInstance:0014,PostgreSQL
"""
OFFERS = {"AmazonECS": ECS, "AWSELB": ELB, "AmazonEC2": EC2, "AmazonApiGateway": API, "AmazonRDS": RDS}


def serving(offers: Mapping[str, str]) -> Opener:
    @contextlib.contextmanager
    def opened(url: str) -> Iterator[TextIO]:
        service, current, region, name = url.split("/")[-4:]
        assert (current, region, name) == ("current", "ca-central-1", "index.csv")
        if service not in offers:
            raise FileNotFoundError(url)
        yield io.StringIO(HEAD + offers[service])

    return opened


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    shutil.copytree(DIRECTORY, tmp_path / "prices")
    return tmp_path / "prices"


def test_refresh(directory: Path) -> None:
    before = load_prices("ca-central-1", directory).prices
    result = refresh("ca-central-1", directory=directory, opener=serving(OFFERS), today=DAY)
    after = load_prices("ca-central-1", directory)
    assert after.date == "2027-03-04"
    amounts = {key: price.amount for key, price in after.prices.items()}
    # Neither Spot nor reserved nor the second tier, neither trust stores nor another system nor engine.
    assert amounts["fargate.vcpu.x86"] == Decimal("0.0444")
    assert amounts["alb.hour"] == Decimal("0.025")
    assert amounts["ec2.t3.small"] == Decimal("0.0232")
    assert amounts["api.http"] == Decimal("1.11")
    assert amounts["rds.db.t4g.micro.single"] == Decimal("0.018")
    assert amounts["rds.db.t4g.micro.multi"] == Decimal("0.036")
    # What the first service does not have is taken from the second.
    assert amounts["alb.lcu"] == Decimal("0.0088")
    assert after.prices["alb.lcu"].confirmation == "offer"
    assert after.prices["alb.lcu"].source.endswith("/AmazonEC2/current/ca-central-1/index.csv")
    assert result.changed["api.http"] == (None, Decimal("1.11"))
    assert "fargate.memory.x86" in result.confirmed
    # What is ambiguous, not found or not in the list at all stays as it was.
    assert result.kept["ebs.gp3"] == "ambiguous: 0.08, 0.09"
    assert "not found" in result.kept["nat.hour"]
    assert "not in AWS's" in result.kept["eks.auto"]
    assert all(after.prices[key] == before[key] for key in ("ebs.gp3", "nat.hour", "eks.auto"))
    text = summary(result)
    assert "api.http: new -> 1.11" in text
    assert "ebs.gp3: ambiguous" in text


def test_region_without_list_is_written(directory: Path) -> None:
    (directory / "ca-central-1.yaml").unlink()
    refresh("ca-central-1", directory=directory, opener=serving(OFFERS), today=DAY)
    assert load_prices("ca-central-1", directory).prices["ec2.t3.small"].unit == "instance-hour"


def test_nothing_found_writes_nothing(directory: Path) -> None:
    before = (directory / "ca-central-1.yaml").read_bytes()
    with pytest.raises(PriceError, match="none of the prices"):
        refresh("ca-central-1", directory=directory, opener=serving({}), today=DAY)
    assert (directory / "ca-central-1.yaml").read_bytes() == before


@pytest.mark.parametrize("text", ["", "<html>not found</html>"])
def test_not_a_price_list(directory: Path, text: str) -> None:
    @contextlib.contextmanager
    def opened(url: str) -> Iterator[TextIO]:
        yield io.StringIO(text)

    with pytest.raises(PriceError, match="is not AWS's price list"):
        refresh("ca-central-1", directory=directory, opener=opened, today=DAY)


def test_no_network(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(url: str, timeout: float) -> None:
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(urllib.request, "urlopen", refused)
    before = (directory / "eu-west-1.yaml").read_bytes()
    with pytest.raises(PriceError, match=r"cannot be read: .*not known[\s\S]*Nothing was changed"):
        refresh("eu-west-1", directory=directory)
    assert (directory / "eu-west-1.yaml").read_bytes() == before


@pytest.mark.parametrize("region", ["us-east-1", "ca-central-1", "eu-west-1"])
def test_written_list_reads_the_same(tmp_path: Path, region: str) -> None:
    prices = load_prices(region)
    (tmp_path / f"{region}.yaml").write_text(dumps(region, prices.date, prices.prices))
    assert load_prices(region, tmp_path) == prices
