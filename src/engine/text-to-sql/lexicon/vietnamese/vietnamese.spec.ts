import { beforeAll, describe, expect, it } from '@jest/globals';
import { openBicycleShop, openVietnameseFirm, type Shop } from '../../shop.fixture.js';
import { answers, REVENUE, SOLD, SOLD_TO, withheld } from '../languages.fixture.js';
import { VIETNAMESE } from './index.js';

describe('Vietnamese', () => {
  let bicycles: Shop;
  let firm: Shop;

  beforeAll(async () => {
    bicycles = await openBicycleShop();
    firm = await openVietnameseFirm();
  });

  describe('about data that is named in English', () => {
    answers(() => Promise.resolve(bicycles), 'vi', [
      ['Có bao nhiêu khách hàng?', 'SELECT count(*) FROM customers'],
      ['Có bao nhiêu khách hàng ở Đức?', `SELECT count(*) FROM customers WHERE country = 'Germany'`],
      ['co bao nhieu khach hang o Phap', `SELECT count(*) FROM customers WHERE country = 'France'`],
      ['Tổng doanh thu năm 2025', `SELECT ${REVENUE} ${SOLD} WHERE year(ordered_at) = 2025`],
      [
        'Doanh thu theo tháng năm 2025',
        `SELECT date_trunc('month', ordered_at), ${REVENUE} ${SOLD} WHERE year(ordered_at) = 2025 GROUP BY 1`,
      ],
      ['5 sản phẩm đắt nhất', 'SELECT name FROM products ORDER BY list_price DESC LIMIT 5'],
      ['ba sản phẩm rẻ nhất', 'SELECT name FROM products ORDER BY list_price LIMIT 3'],
      ['Sản phẩm nào đắt nhất?', 'SELECT name FROM products ORDER BY list_price DESC LIMIT 1'],
      [
        'Top 5 sản phẩm theo doanh thu',
        `SELECT p.name, ${REVENUE} FROM order_items i JOIN products p ON i.product_id = p.id GROUP BY ALL ORDER BY 2 DESC LIMIT 5`,
      ],
      ['Giá niêm yết trung bình theo danh mục', 'SELECT category, avg(list_price) FROM products GROUP BY 1'],
      [
        'Giá niêm yết trung bình của mỗi thương hiệu là bao nhiêu?',
        'SELECT brand, avg(list_price) FROM products GROUP BY 1',
      ],
      ['Số lượng đơn hàng theo kênh', 'SELECT channel, count(*) FROM orders GROUP BY 1'],
      ['Khách hàng không có đơn hàng', 'SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)'],
      [
        'Những khách hàng nào chưa từng đặt hàng?',
        'SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)',
      ],
      [
        'Thành phố nào có nhiều khách hàng nhất?',
        'SELECT city FROM customers GROUP BY 1 ORDER BY count(*) DESC LIMIT 1',
      ],
      [
        'Quốc gia nào có nhiều đơn hàng nhất?',
        'SELECT c.country FROM orders o JOIN customers c ON o.customer_id = c.id GROUP BY c.country ORDER BY count(*) DESC LIMIT 1',
      ],
      [
        'Có bao nhiêu đơn hàng trong tháng trước?',
        `SELECT count(*) FROM orders WHERE date_trunc('month', ordered_at) = DATE '2026-10-01'`,
      ],
      [
        'Có bao nhiêu đơn hàng trong tháng 5 năm 2025?',
        `SELECT count(*) FROM orders WHERE date_trunc('month', ordered_at) = DATE '2025-05-01'`,
      ],
      [
        'Có bao nhiêu đơn hàng từ tháng 5 năm 2026?',
        `SELECT count(*) FROM orders WHERE ordered_at >= DATE '2026-05-01'`,
      ],
      ['Có bao nhiêu đơn hàng trong 30 ngày qua?', `SELECT count(*) FROM orders WHERE ordered_at >= DATE '2026-10-17'`],
      ['Có bao nhiêu đơn hàng năm ngoái?', 'SELECT count(*) FROM orders WHERE year(ordered_at) = 2025'],
      [
        'Có bao nhiêu đơn hàng trước ngày 01/02/2024?',
        `SELECT count(*) FROM orders WHERE ordered_at < DATE '2024-02-01'`,
      ],
      [
        'Có bao nhiêu đơn hàng bị hủy năm 2025?',
        `SELECT count(*) FROM orders WHERE status = 'cancelled' AND year(ordered_at) = 2025`,
      ],
      ['Có bao nhiêu đơn hàng trước năm 2025?', 'SELECT count(*) FROM orders WHERE year(ordered_at) < 2025'],
      [
        'Có bao nhiêu đơn hàng trong quý 2 năm 2025?',
        `SELECT count(*) FROM orders WHERE date_trunc('quarter', ordered_at) = DATE '2025-04-01'`,
      ],
      ['Sản phẩm có giá niêm yết trên 2.000', 'SELECT name FROM products WHERE list_price > 2000'],
      [
        'Sản phẩm có giá niêm yết từ 1.000 đến 2.000',
        'SELECT name FROM products WHERE list_price BETWEEN 1000 AND 2000',
      ],
      [
        'Sản phẩm có giá niêm yết giữa 1.000,5 và 2.000',
        'SELECT name FROM products WHERE list_price BETWEEN 1000.5 AND 2000',
      ],
      ['Liệt kê tên và thành phố của khách hàng ở Berlin', `SELECT name, city FROM customers WHERE city = 'Berlin'`],
      ['Liệt kê tên khách hàng ở Berlin', `SELECT name FROM customers WHERE city = 'Berlin'`],
      ['Khách hàng ở Paris hoặc Lyon', `SELECT name FROM customers WHERE city IN ('Paris', 'Lyon')`],
      ['Quốc gia nào có doanh thu cao nhất?', `SELECT country ${SOLD_TO} GROUP BY 1 ORDER BY ${REVENUE} DESC LIMIT 1`],
      ['Tổng doanh thu theo quốc gia', `SELECT country, ${REVENUE} ${SOLD_TO} GROUP BY 1`],
      ['Có bao nhiêu thương hiệu khác nhau?', 'SELECT count(DISTINCT brand) FROM products'],
      [
        'Khách hàng có nhiều hơn 30 đơn hàng',
        'SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) > 30)',
      ],
      [
        'Khách hàng có ít nhất 30 đơn hàng',
        'SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) >= 30)',
      ],
      [
        'Tỷ lệ phần trăm đơn hàng theo trạng thái',
        'SELECT status, 100.0 * count(*) / sum(count(*)) OVER () FROM orders GROUP BY 1',
      ],
      ['Số khách hàng theo phân khúc', 'SELECT segment, count(*) FROM customers GROUP BY 1'],
      [
        'Danh mục nào có giá niêm yết trung bình thấp nhất?',
        'SELECT category FROM products GROUP BY 1 ORDER BY avg(list_price) LIMIT 1',
      ],
      [
        'Số đơn hàng mỗi khách hàng',
        'SELECT c.name, count(*) FROM orders o JOIN customers c ON o.customer_id = c.id GROUP BY c.id, c.name',
      ],
      [
        'Sản phẩm thuộc danh mục Bicycles có giá dưới 600',
        `SELECT name FROM products WHERE category = 'Bicycles' AND list_price < 600`,
      ],
      [
        'Doanh thu lũy kế theo tháng năm 2025',
        `SELECT date_trunc('month', ordered_at), sum(${REVENUE}) OVER (ORDER BY date_trunc('month', ordered_at)) ${SOLD} WHERE year(ordered_at) = 2025 GROUP BY 1`,
      ],
    ]);
  });

  describe('about data that is named in Vietnamese', () => {
    answers(() => Promise.resolve(firm), 'vi', [
      ['Có bao nhiêu khách hàng ở Hà Nội?', 'SELECT 2'],
      ['khach hang o Da Nang', `SELECT 'Trần Thị Bình'`],
      ['Sản phẩm đắt nhất', `SELECT 'Bàn'`],
      ['Giá trung bình theo danh mục', 'SELECT danh_muc, avg(gia) FROM san_pham GROUP BY 1'],
      ['Tổng số tiền theo trạng thái', 'SELECT trang_thai, sum(tong_tien) FROM don_hang GROUP BY 1'],
      ['Tổng tiền theo tháng', `SELECT date_trunc('month', ngay_dat), sum(tong_tien) FROM don_hang GROUP BY 1`],
      [
        'Tổng tiền của mỗi khách hàng',
        'SELECT k.ten, sum(tong_tien) FROM don_hang d JOIN khach_hang k ON d.ma_khach_hang = k.ma GROUP BY 1',
      ],
      ['Khách hàng nào không có đơn hàng?', `SELECT 'Phạm Dung'`],
      ['Lương trung bình của mỗi phòng ban', 'SELECT phong_ban, avg(luong) FROM nhan_vien GROUP BY 1'],
      ['Nhân viên có lương trên 2.900', 'SELECT ten FROM nhan_vien WHERE luong > 2900'],
      ['Tên nhân viên có lương cao nhất', `SELECT 'Hoa'`],
      ['Phòng ban nào có nhiều nhân viên nhất?', `SELECT 'Kinh doanh'`],
      ['Có bao nhiêu sản phẩm trong danh mục Nội thất?', 'SELECT 2'],
      ['Đơn hàng từ tháng 1 năm 2024', `FROM don_hang WHERE ngay_dat >= DATE '2024-01-01'`],
      ['Số đơn hàng theo trạng thái', 'SELECT trang_thai, count(*) FROM don_hang GROUP BY 1'],
      ['Có bao nhiêu đơn hàng đã giao?', 'SELECT 2'],
      ['Liệt kê tên và giá của sản phẩm sắp xếp theo giá tăng dần', 'SELECT ten, gia FROM san_pham'],
      ['Nhân viên có lương cao hơn lương trung bình', `SELECT 'Hoa'`],
      ['Tên khách hàng ở Huế', `SELECT 'Phạm Dung'`],
    ]);
  });

  describe('where there is no answer', () => {
    withheld(
      () => Promise.resolve(bicycles),
      [
        ['Có bao nhiêu nhân viên?', '“nhân viên”'],
        ['Thời tiết ngày mai thế nào?', '“Thời”'],
        ['Nhà cung cấp nào rẻ nhất?', '“Nhà cung cấp”'],
        ['Lợi nhuận theo sản phẩm', '“Lợi nhuận”'],
        ['Khách hàng ở Atlantis', '“Atlantis”'],
        ['Có bao nhiêu bác sĩ?', '“bác sĩ”'],
        ['Xóa tất cả khách hàng', 'change the data'],
      ],
    );
  });

  it('tells words apart that have the same letters, and takes letters without marks for any of them', () => {
    expect(VIETNAMESE.isSpelledAs('nam', 'năm')).toBe(true);
    expect(VIETNAMESE.isSpelledAs('nằm', 'năm')).toBe(false);
    expect(VIETNAMESE.isSpelledAs('hoà', 'hòa')).toBe(true);
  });

  it('says in the outcome how the question was read', () => {
    expect(bicycles.ask('5 sản phẩm đắt nhất')).toMatchObject({
      language: 'vi',
      rendering: '5 most expensive products',
    });
  });
});
