"""Splink at the sets of benchmarks/dedupe.py, set up as a skilled user would; run there, by a Python that has it.

    PYTHON benchmarks/dedupe_splink.py SET FOLDER

Reads `FOLDER/prepared.parquet`, writes `FOLDER/splink-pairs.parquet` (left, right, score), `FOLDER/splink-clusters.parquet`
(record, cluster) and prints `{"seconds": wall, "cpu": CPU seconds, "mb": peak memory}` of the engine: from the records in memory to clusters.
"""

import json
import sys
import time
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

MERGE, SHOWN = 0.95, 0.01


def person(birth="%Y%m%d"):
    """Return settings for FEBRL, after Splink's own example of it, with all columns used."""
    comparisons = [
        cl.ForenameSurnameComparison("given_name", "surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format=birth),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.LevenshteinAtThresholds("street_number", [1]),
        cl.JaroWinklerAtThresholds("address_1", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address_2", [0.92, 0.8]),
        cl.JaroWinklerAtThresholds("suburb", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1]).configure(term_frequency_adjustments=True),
    ]
    blocks = [
        block_on("soc_sec_id"), block_on("given_name", "surname"), block_on("date_of_birth"), block_on("given_name", "postcode"),
        block_on("surname", "postcode"), block_on("state", "address_1"), block_on("street_number", "address_1"), block_on("postcode", "address_1"),
        block_on("surname", "street_number"), block_on("given_name", "suburb"),
    ]  # fmt: skip
    sure = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    return (
        comparisons,
        blocks,
        sure,
        [block_on("date_of_birth"), block_on("given_name", "surname"), block_on("postcode")],
    )


def historical():
    """Return settings for the historical figures, after Splink's own example of it."""
    comparisons = [
        cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_and_surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.PostcodeComparison("postcode_fake"),
        cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
        cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
    ]  # fmt: skip
    blocks = [
        block_on("first_name", "surname"), block_on("surname", "dob"), block_on("first_name", "dob"), block_on("postcode_fake", "first_name"),
        block_on("postcode_fake", "surname"), block_on("dob", "birth_place"), block_on("substr(postcode_fake, 1, 3)", "dob"),
        block_on("substr(postcode_fake, 1, 3)", "first_name"), block_on("substr(postcode_fake, 1, 3)", "surname"),
        block_on("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
    ]  # fmt: skip
    sure = [
        "l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob",
        "substr(l.first_name,1,2) = substr(r.first_name,1,2) and l.surname = r.surname and substr(l.postcode_fake,1,2) = substr(r.postcode_fake,1,2)",
        "l.dob = r.dob and l.postcode_fake = r.postcode_fake",
    ]
    return comparisons, blocks, sure, [block_on("first_name", "surname"), block_on("dob")]


def fake():
    """Return settings for fake_1000, after Splink's tutorial."""
    comparisons = [
        cl.NameComparison("first_name"), cl.NameComparison("surname"), cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email"),
    ]  # fmt: skip
    blocks = [block_on("first_name"), block_on("surname"), block_on("dob"), block_on("email"), block_on("substr(surname, 1, 3)", "city")]  # fmt: skip
    sure = [block_on("first_name", "dob"), "l.email = r.email", block_on("first_name", "surname")]
    return comparisons, blocks, sure, [block_on("first_name", "surname"), block_on("dob")]


def places(name):
    """Return settings for places in a city, whose cells come in small letters without punctuation."""
    city = "city" if name == "restaurants" else "zip"
    comparisons = [
        cl.CustomComparison(
            output_column_name="company",
            comparison_levels=[
                cll.NullLevel("company"),
                cll.ExactMatchLevel("company", term_frequency_adjustments=True),
                cll.JaroWinklerLevel("company", 0.92),
                cll.CustomLevel("contains(company_l, company_r) or contains(company_r, company_l)", "contained"),
                cll.JaroWinklerLevel("company", 0.8),
                cll.ElseLevel(),
            ],
        ),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.88]).configure(term_frequency_adjustments=True),
        cl.ExactMatch(city).configure(term_frequency_adjustments=True),
    ]
    blocks = [
        block_on("company"), block_on("address"), block_on("substr(company, 1, 6)"), block_on("substr(address, 1, 8)"),
        block_on("split_part(address, ' ', 1)", "substr(company, 1, 2)"),
    ]  # fmt: skip
    sure = [block_on("company", "address")]
    if name == "chicago":
        comparisons.append(cl.ExactMatch("phone").configure(term_frequency_adjustments=True))
        blocks.append(block_on("phone"))
        sure.append(block_on("phone", "address"))
    return comparisons, blocks, sure, [block_on("company"), block_on("address")]


def accounts():
    """Return settings for Chinese accounts, whose names, phones, codes and addresses come prepared."""
    comparisons = [
        cl.CustomComparison(
            output_column_name="name",
            comparison_levels=[
                cll.NullLevel("name"),
                cll.ExactMatchLevel("name", term_frequency_adjustments=True),
                cll.ExactMatchLevel("core", term_frequency_adjustments=True),
                cll.JaroWinklerLevel("core", 0.92),
                cll.CustomLevel("contains(core_l, core_r) or contains(core_r, core_l)", "contained"),
                cll.JaroWinklerLevel("core", 0.8),
                cll.ElseLevel(),
            ],
        ),
        cl.LevenshteinAtThresholds("code", [1]),
        cl.ArrayIntersectAtSizes("phones", [1]),
        cl.EmailComparison("email"),
        cl.ExactMatch("website").configure(term_frequency_adjustments=True),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address", [0.92, 0.8]).configure(term_frequency_adjustments=True),
    ]
    blocks = [
        block_on("name"), block_on("code"), block_on("phones", arrays_to_explode=["phones"]), block_on("email"), block_on("core"),
        block_on("address"), block_on("substr(core, 1, 2)", "city"), block_on("website", "substr(core, 1, 1)"), block_on("substr(core, 1, 4)"),
        block_on("substr(core, 2, 4)", "city"),
    ]  # fmt: skip
    sure = [block_on("code"), block_on("name", "address"), "l.name = r.name and l.email = r.email"]
    return comparisons, blocks, sure, [block_on("code"), block_on("name"), block_on("address")]


def contacts():
    """Return settings for Chinese contacts, whose names, phones and companies come prepared."""
    comparisons = [
        cl.CustomComparison(
            output_column_name="name",
            comparison_levels=[
                cll.NullLevel("name"),
                cll.ExactMatchLevel("name", term_frequency_adjustments=True),
                cll.DamerauLevenshteinLevel("name", 1),
                cll.CustomLevel("substr(name_l, 1, 1) = substr(name_r, 1, 1)", "surname"),
                cll.ElseLevel(),
            ],
        ),
        cl.ArrayIntersectAtSizes("mobiles", [1]),
        cl.ArrayIntersectAtSizes("landlines", [1]),
        cl.EmailComparison("email"),
        cl.ExactMatch("wechat"),
        cl.CustomComparison(
            output_column_name="company",
            comparison_levels=[
                cll.NullLevel("company"),
                cll.ExactMatchLevel("company", term_frequency_adjustments=True),
                cll.JaroWinklerLevel("company", 0.88),
                cll.CustomLevel("contains(company_l, company_r) or contains(company_r, company_l)", "contained"),
                cll.ElseLevel(),
            ],
        ),
    ]
    blocks = [
        block_on("mobiles", arrays_to_explode=["mobiles"]), block_on("email"), block_on("wechat"), block_on("name", "company"),
        block_on("name", "substr(company, 1, 2)"), block_on("landlines", "substr(name, 1, 1)", arrays_to_explode=["landlines"]),
        block_on("substr(name, 1, 1)", "company"),
    ]  # fmt: skip
    sure = ["l.name = r.name and l.email = r.email", block_on("wechat", "name"), block_on("name", "company")]
    return comparisons, blocks, sure, [block_on("email"), block_on("name"), block_on("company")]


def settings_of(name):
    """Return (comparisons, blocking rules, sure rules, training rules) for a set."""
    kind = name.partition("-")[0]
    if kind in ("chicago", "restaurants"):
        return places(kind)
    return {"historical": historical, "fake_1000": fake, "accounts": accounts, "contacts": contacts}.get(kind, person)()


def run(name, folder):
    """Train, predict and cluster; return seconds and CPU seconds."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"CREATE TABLE records AS SELECT * FROM read_parquet('{folder / 'prepared.parquet'}')")
    wall, cpu = time.perf_counter(), time.process_time()
    comparisons, blocks, sure, training = settings_of(name)
    settings = SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="record", comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks, retain_matching_columns=False,
    )  # fmt: skip
    database = DuckDBAPI(connection)
    linker = Linker(database.register("records"), settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=SHOWN)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=MERGE)
    taken = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    connection.execute(
        f"COPY (SELECT record_l AS left, record_r AS right, match_probability AS score FROM {pairs.physical_name}) TO '{folder / 'splink-pairs.parquet'}'"
    )
    connection.execute(
        f"COPY (SELECT record, cluster_id AS cluster FROM {clusters.physical_name}) TO '{folder / 'splink-clusters.parquet'}'"
    )
    # What wait4 tells is at least what the runner needed; this is the process's own.
    status = Path("/proc/self/status")
    if status.exists():
        taken["mb"] = int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return taken


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]))))
