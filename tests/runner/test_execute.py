"""What a run says is kept in no language, so that it can be told again in the reader's."""

import json

from crmmigrate.messages import Message
from crmmigrate.model.manifest import Manifest
from crmmigrate.runner.execute import _written_down, told_again


def test_a_sentence_inside_a_sentence_is_told_again_in_either_language():
    said = Message("{table}: {finding}", table="crm.客户", finding=Message("the table has no rows"))
    manifest = Manifest(run="r", stage="audit", started="", findings=json.loads(json.dumps([_written_down(said)])))
    [again] = told_again(manifest)
    assert [again.text(language) for language in ("en", "zh")] == [said.text("en"), said.text("zh")]
    assert said.text("en") != said.text("zh")
