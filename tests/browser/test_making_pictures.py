"""From a prompt to three pictures side by side, as a person does it."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Tab
from tests.factories import ALL, OFFICIAL, VIP

PRICE = re.compile(r"\$\d+\.\d{3}")


def test_one_prompt_and_three_models_bring_three_pictures_side_by_side_without_a_reload(
    studio: Tab, wish: Callable
) -> None:
    page = studio.page
    page.evaluate("window.stayed = true")
    strip = studio.generate(wish())

    pictures = strip.locator('figure[data-state="done"]')
    expect(pictures).to_have_count(3)
    for figure, model in zip(pictures.all(), ("all", "vip", "official"), strict=True):
        edge = figure.locator(".edge")
        expect(edge).to_contain_text(model)
        expect(edge).to_contain_text(re.compile(r"\d+ × \d+"))
        expect(edge).to_contain_text(re.compile(r"\d+\.\d s"))
        expect(edge.locator(".cost")).to_have_text(PRICE)
        expect(figure.locator("img")).to_have_js_property("complete", True)
        assert figure.locator("img").evaluate("image => image.naturalWidth") > 0
    boxes = [figure.bounding_box() for figure in pictures.all()]
    assert len({box["y"] for box in boxes}) == 1 and boxes[0]["x"] < boxes[1]["x"] < boxes[2]["x"]
    expect(strip.locator(".when")).to_have_text("just now")
    assert page.evaluate("window.stayed") is True


def test_the_size_that_was_asked_for_is_the_size_that_comes(studio: Tab, wish: Callable) -> None:
    studio.choose(VIP)
    studio.page.locator(f'input[name="{VIP}__size"][value="1280x720"]').locator("xpath=..").click()
    expect(studio.page.locator(f"#cell-{VIP}")).to_contain_text("1280 × 720")
    strip = studio.generate(wish())
    expect(strip.locator('figure[data-state="done"] .edge')).to_contain_text("1280 × 720")


def test_a_picture_opens_on_its_own_page_and_leads_back_to_its_set_up(studio: Tab, wish: Callable) -> None:
    prompt = wish("A quince")
    studio.choose(ALL)
    strip = studio.generate(prompt)
    strip.locator('figure[data-state="done"] a.frame__link').click()
    expect(studio.page.locator("#prompt-text")).to_have_text(prompt)
    studio.page.get_by_role("link", name="Reuse set-up").click()
    expect(studio.page.locator("#prompt")).to_have_value(prompt)
    assert studio.page.locator('input[name="models"]:checked').evaluate_all(
        "all => all.map(each => each.value)"
    ) == [ALL]


def test_the_price_follows_what_is_chosen(studio: Tab) -> None:
    total, button = studio.page.locator("#ledger dd.tot"), studio.page.locator("#generate-words")
    studio.choose(ALL)
    expect(total).to_have_text("$0.030")
    studio.page.get_by_label("Variants").first.select_option("4")
    expect(total).to_have_text("$0.120")
    expect(button).to_have_text("Generate 4 pictures")
    studio.choose(ALL, VIP)
    expect(total).to_have_text("$0.150")
    expect(button).to_have_text("Generate 5 pictures")


def test_the_exact_prompt_is_shown_while_it_is_typed(studio: Tab) -> None:
    studio.choose(ALL)
    studio.page.locator(f'input[name="{ALL}__shape"][value="16:9"]').locator("xpath=..").click()
    studio.page.locator("#prompt").press_sequentially("A pear")
    expect(studio.page.locator(f"#quote-{ALL}")).to_contain_text("Sent as: Landscape 16:9, A pear")


def test_a_size_that_can_not_be_is_objected_to_while_it_is_typed_and_refused_at_its_field(
    studio: Tab, wish: Callable
) -> None:
    page, prompt = studio.page, wish()
    studio.choose(OFFICIAL)
    page.locator(f'select[name="{OFFICIAL}__size"]').select_option("custom")
    size = page.locator(f'input[name="{OFFICIAL}__size__custom"]')
    size.fill("1000x1000")
    expect(page.locator(f"#quote-{OFFICIAL}")).to_contain_text("must be multiples of 16. Nearest: ")

    page.locator("#prompt").fill(prompt)
    page.locator("#generate").click()
    expect(size).to_have_attribute("aria-invalid", "true")
    expect(size).to_have_value("1000x1000")
    expect(page.locator("#prompt")).to_have_value(prompt)

    size.fill("1024x1536")
    page.locator("#generate").click()
    expect(studio.strip(prompt).locator('figure[data-state="done"] .edge')).to_contain_text("1024 × 1536")
    expect(page.locator("#form-errors")).to_be_empty()


def test_an_empty_prompt_says_so_and_puts_the_cursor_there(studio: Tab) -> None:
    studio.page.locator("#generate").click()
    expect(studio.page.locator("#prompt-error")).to_have_text("Write what the picture should show.")
    expect(studio.page.locator("#prompt")).to_be_focused()


def test_no_model_says_so(studio: Tab, wish: Callable) -> None:
    studio.choose()
    studio.page.locator("#prompt").fill(wish())
    studio.page.locator("#generate").click()
    expect(studio.page.locator("#models-error")).to_have_text("Choose at least one model.")


def test_a_double_click_is_one_run(studio: Tab, wish: Callable) -> None:
    prompt = wish()
    studio.choose(ALL)
    studio.page.locator("#prompt").fill(prompt)
    studio.page.locator("#generate").dblclick()
    expect(studio.strip(prompt).locator('figure[data-state="done"]')).to_have_count(1)
    studio.page.reload()
    expect(studio.strip(prompt).locator("figure")).to_have_count(1)


def test_the_composer_never_blocks(studio: Tab, wish: Callable) -> None:
    prompts = [wish(f"Quick {number}") for number in range(5)]
    studio.choose(ALL)
    for prompt in prompts:
        studio.generate(prompt)
    for prompt in prompts:
        expect(studio.strip(prompt).locator('figure[data-state="done"]')).to_have_count(1)
    runs = studio.page.locator("section.run .run-head p").all_inner_texts()
    assert [prompt for prompt in runs if prompt in prompts] == prompts[::-1]


def test_a_draft_survives_a_reload(studio: Tab, wish: Callable) -> None:
    page, prompt = studio.page, wish()
    studio.choose(VIP)
    page.locator("#prompt").fill(prompt)
    page.locator(f'input[name="{VIP}__size"][value="1280x720"]').locator("xpath=..").click()
    expect(page.locator("#draft-note")).to_have_text("Draft saved")
    page.reload()

    expect(page.locator("#prompt")).to_have_value(prompt)
    expect(page.locator(f'input[name="{VIP}__size"][value="1280x720"]')).to_be_checked()
    expect(page.locator(f'input[name="models"][value="{ALL}"]')).not_to_be_checked()
    expect(page.locator("#ledger dd.tot")).to_have_text("$0.030")
    expect(page.locator(f"#cell-{VIP}")).to_contain_text("1280 × 720")


def test_one_more_is_a_click_on_the_picture(studio: Tab, wish: Callable) -> None:
    studio.choose(ALL)
    strip = studio.generate(wish())
    done = strip.locator('figure[data-state="done"]')
    expect(done).to_have_count(1)
    done.hover()
    done.get_by_role("button", name=re.compile("Another one like .*at most \\$0.030")).click()
    expect(done).to_have_count(2)


def test_a_prompt_that_looks_like_markup_stays_words(studio: Tab, wish: Callable) -> None:
    prompt = wish("<img src=x onerror=alert(1)> {{ 7 }} \"'")
    studio.choose(ALL)
    strip = studio.generate(prompt)
    expect(strip.locator(".run-head p")).to_have_text(prompt)
    expect(strip.locator("img[src=x]")).to_have_count(0)
