"""compose.yaml and the front's configuration say what the service relies on."""

import re
from ipaddress import IPv4Network, ip_address, ip_network
from typing import Any

from ruamel.yaml import YAML

from channels.webchat.protocol import MAX_BODY
from tests.architecture.tree import ROOT

UNITS = {"": 1, "KB": 1_000, "MB": 1_000_000}  # as Caddy counts


def _composed() -> dict[str, Any]:
    return YAML(typ="safe").load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def _fixed(composed: dict[str, Any]) -> dict[str, str]:
    """Service → its fixed address."""
    networks = {name: service.get("networks", {}) for name, service in composed["services"].items()}
    return {
        name: joined["ipv4_address"]
        for name, mine in networks.items()
        if isinstance(mine, dict)
        for joined in mine.values()
        if joined and "ipv4_address" in joined
    }


def _front_network(composed: dict[str, Any]) -> dict[str, str]:
    (config,) = composed["networks"]["front"]["ipam"]["config"]
    return config


def test_forwarded_headers_are_believed_from_the_front_alone() -> None:
    composed = _composed()
    trusted = composed["services"]["hotline"]["environment"]["HOTLINE_TRUSTED_PROXIES"]
    assert _fixed(composed) == {"front": trusted}


def test_no_other_container_can_be_given_the_front_s_address() -> None:
    composed = _composed()
    config, front = _front_network(composed), ip_address(_fixed(composed)["front"])
    subnet, given_out = ip_network(config["subnet"]), ip_network(config["ip_range"])
    assert isinstance(subnet, IPv4Network)
    assert isinstance(given_out, IPv4Network)
    assert given_out.subnet_of(subnet)
    assert front in subnet
    assert front not in given_out
    assert front not in (subnet.network_address, subnet.broadcast_address, ip_address(config["gateway"]))
    joined = [name for name, one in composed["services"].items() if "front" in one.get("networks", ())]
    assert len(joined) <= len(set(given_out) - {subnet.broadcast_address})


def test_the_front_refuses_no_body_that_the_service_would_take() -> None:
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    public = caddyfile.split("{$PUBLIC_HOST} {")[1].split("{$CONSOLE_HOST}")[0]
    found = re.search(r"import quiet_front (\d+)(\w*)", public)
    assert found is not None
    # A little over, so that what is too long is answered by the service, in words, and not by the front.
    assert int(found[1]) * UNITS[found[2]] >= MAX_BODY + 8_192
